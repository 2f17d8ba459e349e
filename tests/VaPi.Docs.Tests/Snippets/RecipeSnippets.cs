using VaPi.Alignment;

namespace Documents;

internal static class RecipeSnippets
{
    public static AlignmentOptions[] All()
    {
        #region published
        var published = new AlignmentOptions
        {
            GroupSize = 8,
            Temperature = 1,
            PriorWeight = 0.1,
            ClipLow = 0.2,
            ClipHigh = 0.2,
            AdvantageClip = 5,
            WeightDecay = 1e-4,
            Beta1 = 0.9,
            Beta2 = 0.999,
            MaximumGradientNorm = 1,
            Mode = AlignmentMode.Training,
        };
        #endregion
        #region class to image
        var classToImage = new AlignmentOptions { Rollouts = 100, ImagesPerRollout = 16, LearningRate = 1e-6, ContextNoise = 0.5 };
        #endregion
        #region text to image
        var textToImage = new AlignmentOptions { Rollouts = 200, ImagesPerRollout = 16, LearningRate = 1e-6, ContextNoise = 0.5 };
        #endregion
        #region janus
        var janus = new AlignmentOptions { Rollouts = 100, ImagesPerRollout = 8, LearningRate = 1e-7, ContextNoise = 1 };
        #endregion
        #region small
        var small = new AlignmentOptions
        {
            Rollouts = 50,
            ImagesPerRollout = 24,
            LearningRate = Schedule.Cosine(7e-4, 0, 50),
            ContextNoise = 0.1,
            PriorWeight = 1,
        };
        #endregion
        return [published, classToImage, textToImage, janus, small];
    }
}
