using TorchSharp;
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Alignment.Rollouts;
using VaPi.Data;
using VaPi.Generation;
using VaPi.GoldenCheck.Arrangements;
using VaPi.Models.LlamaGen;
using VaPi.Rewards;
using static TorchSharp.torch;

namespace VaPi.GoldenCheck.Checks;

/// <summary>Straight-through estimation by the library's trainer, on the stored logits and with the stored Gumbel noise.</summary>
internal sealed class StraightThroughCheck : ICheck
{
    private const string File = "ste.safetensors";
    private const double PriorWeight = 0.1;

    public IReadOnlyList<string> Names => ["ste"];

    public bool AppliesTo(GoldenFolder golden) => golden.Has(File);

    public void Run(GoldenFolder golden, Report report)
    {
        using DisposeScope scope = NewDisposeScope();
        IReadOnlyDictionary<string, Tensor> expected = golden.Tensors(File);
        GoldenRollout stored = GoldenRollout.Read(golden, 0);
        using LlamaGenTokenizer tokenizer = golden.LoadTokenizer();
        using var policy = new LogitTable(stored["logits"]);
        using Condition condition = stored.Condition();
        using TensorImageSource images = ImageSource.FromTensors(stored["images"], condition);
        Reward pixels = Reward.MeanSquaredError();
        Reward lpips = golden.Lpips();
        var rollouts = new StoredNoise(stored, expected["gumbel"]);
        Tensor? gradient = null;
        using AlignmentTrainer trainer = AlignmentTrainer.CreateBuilder()
            .WithTokenizer(tokenizer)
            .WithPolicy(policy)
            .WithReward(pixels + lpips)
            .WithImages(new InOrder(images))
            .WithRollouts(rollouts)
            .WithStraightThrough(expected["tau"].cpu().item<float>())
            .OnGradients(gradients => gradient = gradients[0].Gradient.clone().DetachFromDisposeScope())
            .Configure(options =>
            {
                options.ImagesPerRollout = images.Count;
                options.GroupSize = 1;
                options.Mode = AlignmentMode.Evaluation;
                options.PriorWeight = PriorWeight;
                options.PositionsPerChunk = 24; // does not divide the number of positions, on purpose
                options.SamplesPerDecode = 2;
            })
            .Build();

        AlignmentStep step = trainer.Step();

        double[] losses = [step.Minibatches[0].Loss, -step.RewardComponents[pixels.Name].Mean, -step.RewardComponents[lpips.Name].Mean, step.PriorLoss!.Value];
        using Tensor found = gradient!;
        report.Exact("ste.selected", rollouts.Selected!, expected["selected"]);
        report.Values("ste.losses", tensor(losses), expected["losses"]);
        report.Line("ste.logits_grad", Report.RelativeNorm([(found, expected["logits_grad"])]), Report.ValueTolerance);
    }

    /// <summary>A rollout that is drawn from the stored logits by the stored noise.</summary>
    private sealed class StoredNoise(GoldenRollout stored, Tensor noise) : IRolloutSource
    {
        /// <summary>(B, T), int64.</summary>
        public Tensor? Selected { get; private set; }

        public bool HasTargets => true;

        public Rollout Collect(RolloutRequest request)
        {
            Tensor truth = stored["tokens"];
            Tensor features = request.Policy.Features(request.Condition, truth, request.Mode); // (B, T, V), with its graph
            using IDisposable gradients = no_grad();
            using DisposeScope scope = NewDisposeScope();
            Tensor logProbabilities = request.Policy.Head(features).log_softmax(-1); // (B, T, V)
            Tensor selected = TokenSampling.Perturbed(logProbabilities, noise); // (B, T)
            Tensor Of(Tensor tokens) => logProbabilities.gather(-1, tokens.unsqueeze(-1)).squeeze(-1); // (B, T)
            Selected = selected.clone().DetachFromDisposeScope();
            return new Rollout
            {
                Condition = request.Condition,
                Context = truth.clone().MoveToOuterDisposeScope(),
                Samples = selected.unsqueeze(1).MoveToOuterDisposeScope(),
                OldLogProbabilities = Of(selected).unsqueeze(1).MoveToOuterDisposeScope(),
                TrueTokens = truth.clone().MoveToOuterDisposeScope(),
                TrueLogProbabilities = Of(truth).MoveToOuterDisposeScope(),
                Features = features,
                Perturbation = noise.unsqueeze(1).clone().MoveToOuterDisposeScope(),
            };
        }
    }

    /// <summary>The images as they are stored: the trainer's order is a random one.</summary>
    private sealed class InOrder(TensorImageSource images) : IImageSource
    {
        public int Count => images.Count;

        public ImageSize ImageSize => images.ImageSize;

        public bool IsInMemory => true;

        public ImageBatch Read(IReadOnlyList<ImageDraw> draws) => images.Read([.. Enumerable.Range(0, draws.Count).Select(index => new ImageDraw(index, 0))]);
    }
}
