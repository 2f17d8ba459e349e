using TorchSharp;
using VaPi.Models.LlamaGen;
using static TorchSharp.torch;

namespace VaPi.GoldenCheck.Checks;

/// <summary>The class-conditional policy's logits, from each of the checkpoint layouts.</summary>
internal sealed class PolicyCheck : ICheck
{
    public IReadOnlyList<string> Names => ["policy"];

    public bool AppliesTo(GoldenFolder golden) => golden.Has("alignment_steps.safetensors");

    public void Run(GoldenFolder golden, Report report)
    {
        GoldenRollout rollout = GoldenRollout.Read(golden, 0);
        foreach (string file in new[] { "gpt_c2i.pt", "gpt_c2i_consolidated.pth", "gpt_c2i.safetensors" })
        {
            using IDisposable gradients = no_grad();
            using DisposeScope scope = NewDisposeScope();
            using LlamaGenPolicy policy = golden.LoadPolicy(file);
            using Condition condition = rollout.Condition();
            report.Values($"policy.logits.{file}", policy.Head(policy.Features(condition, rollout.Context(), PolicyMode.Evaluation)), rollout["logits"]);
        }
    }
}
