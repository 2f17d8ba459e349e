using QuickStart.Photographs;
using TorchSharp;
using TorchSharp.Modules;
using VaPi;
using VaPi.Models.LlamaGen;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace QuickStart.Aligning;

/// <summary>
/// What one could do without VA-π: fine-tune by cross-entropy on as many images, with the same optimiser and learning rates.
/// </summary>
internal static class CrossEntropyControl
{
    public static void Run(
        LlamaGenPolicy policy, LlamaGenTokenizer tokenizer, TileCrops crops, Recipe recipe, int steps, int seed, Action<int> advanced, CancellationToken cancellationToken)
    {
        manual_seed(seed); // for dropout, which takes no generator
        List<Parameter> parameters = [.. policy.NamedParameters().Select(named => named.Parameter)];
        AdamW.ParamGroup Group(bool decayed) => new(
            policy.NamedParameters().Where(named => policy.IsDecayed(named.Name) == decayed).Select(named => named.Parameter),
            recipe.LearningRate,
            weight_decay: decayed ? 1e-4 : 0);
        using var optimiser = optim.AdamW([Group(true), Group(false)], recipe.LearningRate);
        var batches = new CropBatches(crops, recipe.ImagesPerRollout, seed);
        VaPi.Alignment.Schedule schedule = recipe.Schedule(steps);
        for (int step = 0; step < steps; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            foreach (var group in optimiser.ParamGroups)
                group.LearningRate = schedule.At(step);
            using ImageBatch batch = batches.Next();
            Tensor tokens = tokenizer.Encode(batch.Images);
            Tensor logits = policy.Head(policy.Features(batch.Condition, tokens, PolicyMode.Training));
            optimiser.zero_grad();
            F.cross_entropy(logits.flatten(0, 1), tokens.reshape(-1)).backward();
            nn.utils.clip_grad_norm_(parameters, 1.0);
            optimiser.step();
            advanced(1);
        }
    }
}
