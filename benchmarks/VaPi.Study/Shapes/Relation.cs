namespace VaPi.Study.Shapes;

/// <summary>Where a caption's subject is, seen from its object.</summary>
internal enum Relation
{
    /// <summary>Anywhere.</summary>
    And,
    LeftOf,
    RightOf,
    Above,
    Below,
}
