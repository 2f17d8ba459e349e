using BenchmarkDotNet.Attributes;
using TorchSharp;
using VaPi.Alignment;
using VaPi.Data;
using VaPi.Models.LlamaGen;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace VaPi.Benchmarks.GroupLoss;

/// <summary>
/// Group loss, forward + backward and one update: the trainer's one forward an image, against the published arrangement of
/// one forward and backward a sample, for the same policy, samples and advantages.
/// </summary>
public class GroupLossBenchmarks : IDisposable
{
    private const double LearningRate = 1e-9; // the policy is to stay as it is
    private const double PriorWeight = 0.1;

    private readonly StoredGroup _group;
    private readonly TensorImageSource _images;
    private readonly optim.Optimizer _optimiser;
    private readonly LlamaGenPolicy _policy = LlamaGenPolicy.Create(Sizes.Policy);
    private readonly AlignmentTrainer _trainer;

    public GroupLossBenchmarks()
    {
        _group = new StoredGroup(_policy);
        using Tensor blank = zeros(Sizes.Images, 3, 8, 8);
        _images = ImageSource.FromTensors(blank, _group.Condition);
        _optimiser = optim.AdamW(_policy.NamedParameters().Select(named => named.Parameter), LearningRate);
        _trainer = AlignmentTrainer.CreateBuilder()
            .WithTokenizer(new FreeTokenizer())
            .WithPolicy(_policy)
            .WithReward(new FreeReward())
            .WithImages(_images)
            .WithRollouts(_group)
            .Configure(options =>
            {
                options.ImagesPerRollout = Sizes.Images;
                options.GroupSize = Sizes.GroupSize;
                options.Mode = AlignmentMode.Evaluation;
                options.PriorWeight = PriorWeight;
                options.LearningRate = LearningRate;
            })
            .Build();
    }

    [Benchmark(Baseline = true, Description = "group loss forward + backward, a forward a sample")]
    public void PerSample()
    {
        using DisposeScope scope = NewDisposeScope();
        _optimiser.zero_grad();
        for (int image = 0; image < Sizes.Images; image++)
        {
            using DisposeScope minibatch = NewDisposeScope();
            (Loss(image) / Sizes.Images).backward();
        }

        nn.utils.clip_grad_norm_(_policy.NamedParameters().Select(named => named.Parameter), 1);
        _optimiser.step();
        _optimiser.zero_grad();
    }

    [Benchmark(Description = "group loss forward + backward, shared forward")]
    public void Shared() => _trainer.Step();

    [GlobalCleanup]
    public void Dispose()
    {
        _trainer.Dispose();
        _optimiser.Dispose();
        _images.Dispose();
        _group.Dispose();
        _policy.Dispose();
        GC.SuppressFinalize(this);
    }

    // A minibatch of one group, as published: the condition and the prefix are repeated for every sample.
    private Tensor Loss(int image)
    {
        using Condition condition = _group.Condition.Select([.. Enumerable.Repeat(image, Sizes.GroupSize)]);
        Tensor context = _group.Context[image].unsqueeze(0).repeat(Sizes.GroupSize, 1);
        Tensor truth = _group.Truth[image].unsqueeze(0).repeat(Sizes.GroupSize, 1);
        Tensor samples = _group.Samples[image]; // (G, T)
        Tensor logits = _policy.Head(_policy.Features(condition, context, PolicyMode.Evaluation)); // (G, T, V)
        Tensor ratio = (logits.log_softmax(-1).gather(-1, samples.unsqueeze(-1)).squeeze(-1) - _group.Old[image]).exp(); // (G, T)
        Tensor rewards = FreeReward.Of(samples);
        Tensor advantage = ((rewards - rewards.mean()) / (rewards.std() + 1e-8)).clamp(-5, 5).unsqueeze(1);
        Tensor policyLoss = maximum(-advantage * ratio, -advantage * ratio.clamp(0.8, 1.2)).mean();
        return policyLoss + PriorWeight * F.cross_entropy(logits.flatten(0, 1), truth.reshape(-1));
    }
}
