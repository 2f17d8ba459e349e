namespace VaPi.Alignment;

/// <summary>Which distribution the probability ratio is taken of when top-k or top-p restrict sampling.</summary>
public enum FilteredRatio
{
    /// <summary>Old and new log-probabilities are both of the distribution restricted to the tokens that sampling left.</summary>
    SharedSupport,

    /// <summary>As published: old log-probabilities of the restricted distribution, new ones of the whole.</summary>
    AsPublished,
}
