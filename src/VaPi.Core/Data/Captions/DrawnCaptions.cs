using static TorchSharp.torch;

namespace VaPi.Data;

/// <summary>The captions of draws: which of an image's two is taken, and that all are of one width.</summary>
internal sealed class DrawnCaptions
{
    // The numbers before it are the image's own: do not renumber.
    private const uint ShortCounter = 4;

    // Enough to pass over images whose features are missing, and to notice a wrong folder at once.
    private const int MostTries = 100;

    private readonly Func<int, Tensor> _features;
    private readonly int _places;
    private readonly Func<int, Tensor>? _short;
    private readonly double _shortProbability;

    /// <param name="count">How many images there are.</param>
    /// <param name="features">(n, W) features of an image, which become the caller's.</param>
    /// <param name="shortFeatures">Those of its short caption; null without them.</param>
    /// <param name="shortProbability">How often a draw takes the short one.</param>
    /// <param name="places">The places of a caption.</param>
    /// <exception cref="ImageDataException">None of the first images has features.</exception>
    public DrawnCaptions(int count, Func<int, Tensor> features, Func<int, Tensor>? shortFeatures, double shortProbability, int places)
    {
        _features = features;
        _short = shortFeatures;
        _shortProbability = shortProbability;
        _places = places;
        Width = FirstWidth(count);
    }

    /// <summary>W, the features of a place.</summary>
    public long Width { get; }

    /// <summary>Reads images with their captions.</summary>
    /// <returns>Belongs to the caller.</returns>
    /// <exception cref="ImageDataException">Images or captions cannot be read; all of the draws' are listed.</exception>
    public ImageBatch Read(BatchReading reading, IReadOnlyList<ImageDraw> draws, int count)
    {
        var captions = new Tensor?[draws.Count]; // (n, W) each
        try
        {
            Tensor images = reading.Read(draws, count, position => captions[position] = Features(draws[position]));
            return new ImageBatch(images, ConditionOf(captions));
        }
        finally
        {
            foreach (Tensor? caption in captions)
                caption?.Dispose();
        }
    }

    private CaptionCondition ConditionOf(Tensor?[] captions) => captions.Length > 0
        ? CaptionCondition.FromCaptions([.. captions.Select(caption => caption!)], _places)
        : new CaptionCondition(zeros(0, _places, Width), zeros([0, _places], ScalarType.Bool));

    private Tensor Features(ImageDraw draw)
    {
        bool isShort = _short is not null && new SeededRandom(draw.Seed).Uniform(ShortCounter) < _shortProbability;
        Tensor features = isShort ? _short!(draw.Index) : _features(draw.Index);
        if (features.shape[1] == Width)
            return features;
        using (features)
        {
            throw new ImageDataException(
                $"The caption features of image {draw.Index} are ({string.Join(", ", features.shape)}); those of the first are {Width} wide, and all must be. Make them with the same text encoder.");
        }
    }

    private long FirstWidth(int count)
    {
        IOException? first = null;
        int tries = Math.Min(count, MostTries);
        for (int index = 0; index < tries; index++)
        {
            try
            {
                using Tensor features = _features(index);
                return features.shape[1];
            }
            catch (IOException exception)
            {
                first ??= exception;
            }
        }

        throw new ImageDataException($"None of the first {tries} images has caption features that can be read. The first error: {first!.Message}", first);
    }
}
