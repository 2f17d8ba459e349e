using VaPi.Evaluation.Features;
using static TorchSharp.torch;

namespace VaPi.Evaluation.Tokenizers;

/// <summary>Compares images with their reconstructions, batch by batch.</summary>
internal sealed class ReconstructionMeasurement(ITokenizer tokenizer, TokenizerReportOptions options) : IDisposable
{
    private readonly CodebookUsage _codebook = new(tokenizer.CodebookSize);
    private readonly FineDetail _detail = new();
    private readonly FeatureMoments _ofImages = new();
    private readonly FeatureMoments _ofReconstructions = new();
    private double _distance;
    private double _error;
    private double _noise;
    private double _similarity;

    public long Count { get; private set; }

    private bool HasDetail => Smallest >= FineDetail.SmallestSide;

    private bool HasSimilarity => Smallest >= StructuralSimilarity.SmallestSide;

    private int Smallest => Math.Min(tokenizer.ImageSize.Height, tokenizer.ImageSize.Width);

    /// <param name="batch">(N, 3, H, W) in [-1, 1].</param>
    public void Add(Tensor batch)
    {
        ImageSize size = tokenizer.ImageSize;
        if (batch.shape[2] != size.Height || batch.shape[3] != size.Width)
            throw new ArgumentException($"The tokenizer takes images of {size} pixels; a batch has {batch.shape[2]}x{batch.shape[3]}. Crop or resize them first.");
        Tensor images = batch.to(tokenizer.Device ?? batch.device);
        Tensor tokens = tokenizer.Encode(images); // (N, T)
        Tensor reconstructions = tokenizer.Decode(tokens).clamp(-1, 1); // (N, 3, H, W)
        _codebook.Add(tokens);
        _error += (images - reconstructions).to(ScalarType.Float64).square().mean([1, 2, 3]).sum().item<double>();
        _noise += PeakSignalToNoise.Between(images, reconstructions).sum().item<double>();
        if (HasSimilarity)
            _similarity += StructuralSimilarity.Between(images, reconstructions).sum().item<double>();
        if (HasDetail)
            _detail.Add(images, reconstructions);
        if (options.Distance is not null)
            _distance += options.Distance.Between(images, reconstructions).to(ScalarType.Float64).sum().item<double>();
        if (options.Network is not null)
        {
            AddFeatures(images, _ofImages, options.Network);
            AddFeatures(reconstructions, _ofReconstructions, options.Network);
        }

        Count += batch.shape[0];
    }

    public TokenizerReport Report(IReadOnlyList<TextReading> text)
    {
        if (Count == 0)
            throw new ArgumentException("There are no images to reconstruct.");
        return new TokenizerReport
        {
            ImageCount = Count,
            MeanSquaredError = _error / Count,
            PeakSignalToNoise = _noise / Count,
            StructuralSimilarity = HasSimilarity ? _similarity / Count : null,
            Distance = options.Distance is null ? null : (options.Distance.Name, _distance / Count),
            FrechetDistance = options.Network is null || Count < 2 ? null : Frechet(),
            FineDetailError = HasDetail ? _detail.Error : null,
            FineDetailEnergy = HasDetail ? _detail.Energy : null,
            CodebookSize = tokenizer.CodebookSize,
            Codebook = _codebook,
            Text = text,
        };
    }

    public void Dispose()
    {
        _ofImages.Dispose();
        _ofReconstructions.Dispose();
    }

    private static void AddFeatures(Tensor images, FeatureMoments moments, IFeatureNetwork network)
    {
        using ImageFeatures features = network.Extract(images);
        moments.Add(features.Pooled);
    }

    private double Frechet()
    {
        using FeatureStatistics ofImages = _ofImages.Statistics();
        using FeatureStatistics ofReconstructions = _ofReconstructions.Statistics();
        return FrechetDistance.Between(ofImages, ofReconstructions);
    }
}
