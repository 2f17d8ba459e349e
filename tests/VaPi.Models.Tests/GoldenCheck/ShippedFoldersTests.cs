using VaPi.GoldenCheck;
using Xunit;

namespace VaPi.Models.Tests.GoldenCheck;

public class ShippedFoldersTests(GoldenRun run) : IClassFixture<GoldenRun>
{
    [Fact]
    public void Nothing_is_wrong() => Assert.Empty(GoldenRun.Names(run.Lines, "WRONG"));

    [Fact]
    public void Everything_is_covered() => Assert.Empty(GoldenRun.Names(run.Lines, "pending"));

    [Fact]
    public void The_exit_code_says_that_all_agree() => Assert.Equal(CommandLine.Agrees, run.ExitCode);

    [Theory]
    [InlineData("tokenizer.codes")]
    [InlineData("policy.logits.gpt_c2i_consolidated.pth")]
    [InlineData("lpips.lpips_lin_legacy_py2.pth")]
    [InlineData("patchgan.logits")]
    [InlineData("patchgan.loss")]
    [InlineData("rollout1.embedding_cosine_loss")]
    [InlineData("shared.rollout1.rewards")]
    [InlineData("shared.rollout1.params (change)")]
    [InlineData("oracle.rollout1.params (change)")]
    [InlineData("shared.grad_norms")]
    [InlineData("ste.selected")]
    [InlineData("ste.losses")]
    [InlineData("ste.logits_grad")]
    [InlineData("generation.greedy_cfg3_interval10")]
    [InlineData("crop1 to 64 (share beyond 1 level)")]
    public void Both_folders_of_models_agree_on(string name)
    {
        IReadOnlyList<string> agreeing = GoldenRun.Names(run.Lines, "ok");
        Assert.Contains($"recipe/{name}", agreeing);
        Assert.Contains($"off-policy-kl/{name}", agreeing);
    }

    [Theory]
    [InlineData("frechet_distance")]
    [InlineData("inception_score_split500")]
    [InlineData("inception_score_split100")]
    [InlineData("precision_k3")]
    [InlineData("recall_k3")]
    [InlineData("psnr")]
    [InlineData("ssim")]
    public void The_measures_agree_on(string name) => Assert.Contains($"metrics/metrics.{name}", GoldenRun.Names(run.Lines, "ok"));

    [Fact]
    public void The_count_at_the_end_is_that_of_the_lines()
    {
        int agreeing = GoldenRun.Names(run.Lines, "ok").Count;
        int pending = GoldenRun.Names(run.Lines, "pending").Count;
        Assert.Equal($"{agreeing} ok, 0 wrong, {pending} pending", run.Lines[^1]);
        Assert.Equal(run.Lines.Count - 1, agreeing + pending);
    }
}
