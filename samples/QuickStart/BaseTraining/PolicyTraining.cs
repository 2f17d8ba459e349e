using QuickStart.Models;
using QuickStart.Photographs;
using TorchSharp;
using VaPi;
using VaPi.Models.LlamaGen;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace QuickStart.BaseTraining;

/// <summary>
/// Trains the policy by cross-entropy on the tokenizer's tokens, briefly: a generator that has converged on crops this small
/// leaves little to align. The best by held-out likelihood is kept.
/// </summary>
internal static class PolicyTraining
{
    public const int Steps = 200;

    private const int BatchSize = 32;
    private const double LearningRate = 2e-3;
    private const int MeasureEvery = 50;

    public static void Run(
        TileCrops training,
        TileCrops heldOut,
        LlamaGenTokenizer tokenizer,
        int classes,
        Action<string> report,
        Action<LlamaGenPolicy> best,
        Action<int> advanced,
        CancellationToken cancellationToken)
    {
        using LlamaGenPolicy policy = LlamaGenPolicy.Create(SmallModels.Policy(classes), seed: 5);
        var parameters = policy.NamedParameters().ToList();
        using var optimiser = optim.AdamW(parameters.Select(named => named.Parameter), lr: LearningRate, beta1: 0.9, beta2: 0.95, weight_decay: 0.05);
        var batches = new CropBatches(training, BatchSize, seed: 6);
        double lowest = double.PositiveInfinity;
        for (int step = 1; step <= Steps; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            foreach (var group in optimiser.ParamGroups)
                group.LearningRate = LearningRate * Math.Min(1, step / 100.0);
            using ImageBatch batch = batches.Next();
            Tensor loss = CrossEntropy(policy, tokenizer, batch, PolicyMode.Training);
            optimiser.zero_grad();
            loss.backward();
            nn.utils.clip_grad_norm_(parameters.Select(named => named.Parameter), 1.0);
            optimiser.step();
            advanced(1);
            if (step % MeasureEvery != 0)
                continue;

            double measured = HeldOut(policy, tokenizer, heldOut);
            report($"policy {step}/{Steps}: training {loss.item<float>():F4}, held-out {measured:F4}");
            if (measured < lowest)
            {
                lowest = measured;
                best(policy);
            }
        }
    }

    private static Tensor CrossEntropy(LlamaGenPolicy policy, LlamaGenTokenizer tokenizer, ImageBatch batch, PolicyMode mode)
    {
        Tensor tokens = tokenizer.Encode(batch.Images);
        Tensor logits = policy.Head(policy.Features(batch.Condition, tokens, mode));
        return F.cross_entropy(logits.flatten(0, 1), tokens.reshape(-1));
    }

    private static double HeldOut(LlamaGenPolicy policy, LlamaGenTokenizer tokenizer, TileCrops heldOut)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using ImageBatch batch = new CropBatches(heldOut, 512, seed: 7).Next();
        return CrossEntropy(policy, tokenizer, batch, PolicyMode.Evaluation).item<float>();
    }
}
