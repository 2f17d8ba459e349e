namespace VaPi.Alignment;

/// <summary>Where dropout is drawn during a rollout and its updates.</summary>
public enum AlignmentMode
{
    /// <summary>
    /// Sample without dropout, train with it, as all published recipes do. One dropout mask serves a whole group, where the
    /// published code draws one a sample.
    /// </summary>
    Training,

    /// <summary>No dropout anywhere. With one update a rollout the sampling forward is also the training forward.</summary>
    Evaluation,

    /// <summary>Sampling and policy loss without dropout, the terms on true tokens from a second forward with it.</summary>
    Twice,
}
