"""How well readers agree, with each other and with themselves: arrays in, numbers out."""
