"""Attributes that tell of an MR image, a map or a segmentation and not of a person: these stay, whatever else goes.

From the modules of the objects MR Image, Enhanced MR Image, Segmentation, Parametric Map and Secondary Capture (DICOM
PS3.3), without those of Table E.1-1 and those in which a user can write what he likes. Whoever adds one asks himself:
could a name stand in it?
"""

from __future__ import annotations

_IDENTITY_OF_OBJECTS = """
    SpecificCharacterSet SOPClassUID ReferencedSOPClassUID ImageType FrameType Modality ConversionType
    InstanceNumber SeriesNumber AcquisitionNumber ReferencedFrameNumber ReferencedSegmentNumber ImagesInAcquisition
    SyntheticData QualityControlImage BurnedInAnnotation RecognizableVisualFeatures
    DeidentificationMethodCodeSequence ContentQualification PatientPosition Laterality ImageLaterality
    FrameLaterality AnatomicalOrientationType SpatialLocationsPreserved PixelPresentation VolumetricProperties
    VolumeBasedCalculationTechnique ComplexImageComponent AcquisitionContrast
"""
_GEOMETRY = """
    ImagePositionPatient ImageOrientationPatient PixelSpacing SliceThickness SpacingBetweenSlices SliceLocation
    NominalScannedPixelSpacing PixelSpacingCalibrationType ReconstructionDiameter PatientOrientation SlabThickness
    SlabOrientation MidSlabPosition TotalPixelMatrixColumns TotalPixelMatrixRows ColumnPositionInTotalImagePixelMatrix
    RowPositionInTotalImagePixelMatrix PixelAspectRatio PixelMeasuresSequence PlaneOrientationSequence
    PlanePositionSequence
"""
_TIMING = """
    ScanningSequence SequenceVariant ScanOptions MRAcquisitionType AngioFlag VariableFlipAngleFlag RepetitionTime
    EchoTime EffectiveEchoTime InversionTime InversionTimes EchoNumbers EchoTrainLength RFEchoTrainLength
    GradientEchoTrainLength FlipAngle NumberOfAverages ImagingFrequency TransmitterFrequency ResonantNucleus
    MagneticFieldStrength NumberOfPhaseEncodingSteps PercentSampling PercentPhaseFieldOfView PixelBandwidth
    AcquisitionMatrix InPlanePhaseEncodingDirection AcquisitionDuration FrameAcquisitionDuration FrameAcquisitionNumber
    TriggerTime NominalCardiacTriggerDelayTime ImageTriggerDelay TemporalPositionIdentifier TemporalPositionIndex
    TemporalPositionTimeOffset NumberOfTemporalPositions TemporalResolution SAR dBdt B1rms EchoPulseSequence
    EchoPlanarPulseSequence InversionRecovery SaturationRecovery SpectrallySelectedExcitation
    SpectrallySelectedSuppression SpatialPresaturation Spoiling SteadyStatePulseSequence T2Preparation Tagging
    MagnetizationTransfer BloodSignalNulling MultipleSpinEcho MultiPlanarExcitation PhaseContrast TimeOfFlightContrast
    FlowCompensation FlowCompensationDirection GeometryOfKSpaceTraversal SegmentedKSpaceTraversal
    RectilinearPhaseEncodeReordering CoverageOfKSpace NumberOfKSpaceTrajectories KSpaceFiltering OversamplingPhase
    PartialFourier PartialFourierDirection ParallelAcquisition ParallelAcquisitionTechnique
    ParallelReductionFactorInPlane ParallelReductionFactorOutOfPlane ParallelReductionFactorSecondInPlane
    MRAcquisitionFrequencyEncodingSteps MRAcquisitionPhaseEncodingStepsInPlane
    MRAcquisitionPhaseEncodingStepsOutOfPlane ReceiveCoilType TransmitCoilType QuadratureReceiveCoil
    MultiCoilElementUsed SpecificAbsorptionRateDefinition SpecificAbsorptionRateValue GradientOutput GradientOutputType
    OperatingMode OperatingModeType ApplicableSafetyStandardAgency CardiacSynchronizationTechnique CardiacSignalSource
    RespiratoryMotionCompensationTechnique RespiratorySignalSource BulkMotionCompensationTechnique
    BulkMotionSignalSource DiffusionBValue DiffusionDirectionality DiffusionAnisotropyType
    DiffusionGradientOrientation DiffusionGradientDirectionSequence MRImageFrameTypeSequence
    MRTimingAndRelatedParametersSequence MREchoSequence MRFOVGeometrySequence MRModifierSequence
    MRImagingModifierSequence MRReceiveCoilSequence MRTransmitCoilSequence MRAveragesSequence MRDiffusionSequence
    MRSpatialSaturationSequence MultiCoilDefinitionSequence OperatingModeSequence SpecificAbsorptionRateSequence
    TemporalPositionSequence
"""
_FRAMES = """
    NumberOfFrames SharedFunctionalGroupsSequence PerFrameFunctionalGroupsSequence FrameContentSequence
    FrameAnatomySequence DerivationImageSequence ReferencedImageEvidenceSequence SourceImageEvidenceSequence
    DimensionOrganizationSequence DimensionIndexSequence DimensionIndexPointer FunctionalGroupPointer
    DimensionOrganizationType DimensionIndexValues InStackPositionNumber ConcatenationFrameOffsetNumber
    InConcatenationNumber InConcatenationTotalNumber FrameIncrementPointer RepresentativeFrameNumber
    ReferencedSeriesSequence ReferencedInstanceSequence ReferencedSOPSequence
    StudiesContainingOtherReferencedInstancesSequence
"""
_PIXELS = """
    Rows Columns SamplesPerPixel PhotometricInterpretation PlanarConfiguration BitsAllocated BitsStored HighBit
    PixelRepresentation SmallestImagePixelValue LargestImagePixelValue SmallestPixelValueInSeries
    LargestPixelValueInSeries PixelPaddingValue PixelPaddingRangeLimit FloatPixelPaddingValue
    FloatPixelPaddingRangeLimit DoubleFloatPixelPaddingValue DoubleFloatPixelPaddingRangeLimit WindowCenter WindowWidth
    VOILUTFunction RescaleIntercept RescaleSlope PresentationLUTShape LossyImageCompression
    LossyImageCompressionMethod LossyImageCompressionRatio PixelValueTransformationSequence FrameVOILUTSequence
    ModalityLUTSequence VOILUTSequence LUTDescriptor LUTData RealWorldValueMappingSequence
    RealWorldValueFirstValueMapped RealWorldValueLastValueMapped RealWorldValueIntercept RealWorldValueSlope
    RealWorldValueLUTData DoubleFloatRealWorldValueFirstValueMapped DoubleFloatRealWorldValueLastValueMapped
    MeasurementUnitsCodeSequence QuantityDefinitionSequence NumericValue FloatingPointValue
    RedPaletteColorLookupTableDescriptor GreenPaletteColorLookupTableDescriptor BluePaletteColorLookupTableDescriptor
    RedPaletteColorLookupTableData GreenPaletteColorLookupTableData BluePaletteColorLookupTableData
    ExtendedOffsetTable ExtendedOffsetTableLengths EncapsulatedPixelDataValueTotalLength PixelData FloatPixelData
    DoubleFloatPixelData
"""
_SEGMENTS = """
    SegmentSequence SegmentNumber SegmentAlgorithmType SegmentationType SegmentationFractionalType
    MaximumFractionalValue SegmentsOverlap RecommendedDisplayCIELabValue RecommendedDisplayGrayscaleValue
    SegmentIdentificationSequence SegmentedPropertyCategoryCodeSequence SegmentedPropertyTypeCodeSequence
    SegmentedPropertyTypeModifierCodeSequence SegmentationAlgorithmIdentificationSequence AlgorithmFamilyCodeSequence
    AlgorithmNameCodeSequence ParametricMapFrameTypeSequence
"""
_CODES = """
    AnatomicRegionSequence AnatomicRegionModifierSequence PrimaryAnatomicStructureSequence
    PrimaryAnatomicStructureModifierSequence DerivationCodeSequence PurposeOfReferenceCodeSequence
    ConceptNameCodeSequence ConceptCodeSequence ValueType MappingResource ContextIdentifier
    ContributingEquipmentSequence
"""
_TEXT_OF_MAKERS = """
    Manufacturer ManufacturerModelName SoftwareVersions SequenceName PulseSequenceName ImagedNucleus ReceiveCoilName
    ReceiveCoilManufacturerName TransmitCoilName TransmitCoilManufacturerName MultiCoilElementName RescaleType
    ModalityLUTType StackID CodeValue LongCodeValue CodingSchemeDesignator CodingSchemeVersion CodeMeaning
    SegmentAlgorithmName AlgorithmName AlgorithmVersion
"""

TEXT = frozenset(_TEXT_OF_MAKERS.split())
"""Those that hold words: what makers of scanners and programs write, and codes."""

SAFE = TEXT.union(
    *(group.split() for group in (_IDENTITY_OF_OBJECTS, _GEOMETRY, _TIMING, _FRAMES, _PIXELS, _SEGMENTS, _CODES))
)
"""Keywords of all."""
