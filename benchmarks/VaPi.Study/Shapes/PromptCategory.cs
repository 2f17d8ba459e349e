namespace VaPi.Study.Shapes;

/// <summary>What a caption asks for: the categories of GenEval.</summary>
internal enum PromptCategory
{
    /// <summary>As in <c>a circle</c>.</summary>
    SingleObject,

    /// <summary>As in <c>a circle and a square</c>.</summary>
    TwoObjects,

    /// <summary>As in <c>three circles</c>.</summary>
    Counting,

    /// <summary>As in <c>a red circle</c>.</summary>
    Colours,

    /// <summary>As in <c>a circle left of a square</c>.</summary>
    Position,

    /// <summary>As in <c>a red circle and a blue square</c>.</summary>
    ColourAttribution,
}
