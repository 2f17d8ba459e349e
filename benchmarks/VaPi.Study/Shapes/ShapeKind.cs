namespace VaPi.Study.Shapes;

/// <summary>What a shape is; all stand upright.</summary>
internal enum ShapeKind
{
    Circle,

    Square,

    /// <summary>With its base below, as high as it is wide.</summary>
    Triangle,
}
