namespace VaPi.Study.Shapes;

/// <summary>The part that scenes play; no scene plays two.</summary>
internal enum SceneRegion
{
    /// <summary>Networks are trained and aligned on these.</summary>
    Training,

    /// <summary>Only measured on, to decide when training ends and which learning rate is best.</summary>
    Validation,

    /// <summary>Only measured on, for results.</summary>
    Evaluation,
}
