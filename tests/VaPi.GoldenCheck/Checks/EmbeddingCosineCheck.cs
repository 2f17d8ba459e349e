using TorchSharp;
using VaPi.Models.LlamaGen;
using VaPi.Rewards;
using static TorchSharp.torch;

namespace VaPi.GoldenCheck.Checks;

/// <summary>The cosine term of the stored samples, group by group as the trainer scores them.</summary>
internal sealed class EmbeddingCosineCheck : ICheck
{
    public IReadOnlyList<string> Names => ["rollout"];

    public bool AppliesTo(GoldenFolder golden) => golden.Has("alignment_steps.safetensors");

    public void Run(GoldenFolder golden, Report report)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using LlamaGenTokenizer tokenizer = golden.LoadTokenizer();
        using Reward reward = Reward.EmbeddingCosine(tokenizer);
        int groupSize = golden.Configuration!.G;
        for (int index = 0; index < GoldenRollout.Count(golden); index++)
        {
            GoldenRollout rollout = GoldenRollout.Read(golden, index);
            using Condition condition = rollout.Condition();
            using IRewardScorer scorer = reward.Prepare(rollout["images"], condition);
            var losses = new List<Tensor>();
            for (int image = 0; image < condition.Count; image++)
            {
                Tensor Group(string name) => rollout[name].narrow(0, image * groupSize, groupSize);
                using RewardBatch scored = scorer.Score(new RewardChunk(Group("decoded"), Group("samples"), tokenizer.Layout, image, 1));
                losses.Add(-scored.Values);
            }

            report.Values($"rollout{index}.embedding_cosine_loss", cat(losses), rollout["embedding_cosine_loss"]);
        }
    }
}
