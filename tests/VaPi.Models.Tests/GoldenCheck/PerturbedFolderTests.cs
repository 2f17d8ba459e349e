using TorchSharp;
using VaPi.Checkpoints;
using VaPi.GoldenCheck;
using VaPi.Models.Tests.Support;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Models.Tests.GoldenCheck;

/// <summary>A check that passes whatever it is given would be worth nothing.</summary>
public class PerturbedFolderTests
{
    [Theory]
    [InlineData("rollout0.rewards", 0.01, "shared.rollout0.rewards")]
    [InlineData("rollout0.grads.layers.1.attention.wqkv.weight", 0.01, "shared.rollout0.grads")]
    [InlineData("params_after_rollout0.norm.weight", 0.001, "shared.rollout0.params (largest element)")]
    [InlineData("params_after_rollout0.output.weight", 0.01, "oracle.rollout0.params (change)")]
    [InlineData("rollout0.tokens", 1, "rollout0.tokens")]
    [InlineData("rollout0.logits", 0.01, "policy.logits.gpt_c2i.pt")]
    [InlineData("rollout1.embedding_cosine_loss", 0.001, "rollout1.embedding_cosine_loss")]
    public void One_changed_number_is_found(string tensor, double by, string line)
    {
        using var folder = new TemporaryFolder();
        CopyWithChange(folder, "alignment_steps.safetensors", tensor, by);
        (int exitCode, IReadOnlyList<string> lines, _) = GoldenRun.Run(folder.Root, "--only", line);
        Assert.Equal(CommandLine.Differs, exitCode);
        Assert.Contains(GoldenRun.Names(lines, "WRONG"), name => name.Contains($"/{line}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("x", 1, "patchgan.logits")]
    [InlineData("logits", 0.01, "patchgan.logits")]
    [InlineData("loss", 0.001, "patchgan.loss")]
    public void One_changed_number_of_the_discriminator_is_found(string tensor, double by, string line)
    {
        using var folder = new TemporaryFolder();
        CopyWithChange(folder, "patchgan.safetensors", tensor, by);
        (int exitCode, IReadOnlyList<string> lines, _) = GoldenRun.Run(folder.Root, "--only", "patchgan");
        Assert.Equal(CommandLine.Differs, exitCode);
        Assert.Contains(line, GoldenRun.Names(lines, "WRONG").Select(WithoutFolder));
    }

    [Theory]
    [InlineData("gumbel", 20, "ste.selected")]
    [InlineData("selected", 1, "ste.selected")]
    [InlineData("losses", 0.001, "ste.losses")]
    [InlineData("tau", 0.001, "ste.logits_grad")]
    [InlineData("logits_grad", 0.0001, "ste.logits_grad")]
    public void One_changed_number_of_straight_through_estimation_is_found(string tensor, double by, string line)
    {
        using var folder = new TemporaryFolder();
        CopyWithChange(folder, "ste.safetensors", tensor, by);
        (int exitCode, IReadOnlyList<string> lines, _) = GoldenRun.Run(folder.Root, "--only", "ste");
        Assert.Equal(CommandLine.Differs, exitCode);
        Assert.Contains(line, GoldenRun.Names(lines, "WRONG").Select(WithoutFolder));
    }

    [Fact]
    public void What_was_not_changed_still_agrees()
    {
        using var folder = new TemporaryFolder();
        CopyWithChange(folder, "tokenizer.safetensors", "reconstruction", 0.01);
        (int exitCode, IReadOnlyList<string> lines, _) = GoldenRun.Run(folder.Root, "--only", "tokenizer");
        Assert.Equal(CommandLine.Differs, exitCode);
        Assert.Equal(["tokenizer.reconstruction"], GoldenRun.Names(lines, "WRONG").Select(WithoutFolder));
        Assert.Equal(["tokenizer.pre_quant", "tokenizer.codes"], GoldenRun.Names(lines, "ok").Select(WithoutFolder));
    }

    [Fact]
    public void A_model_file_that_cannot_be_read_is_wrong_and_the_other_checks_still_run()
    {
        using var folder = new TemporaryFolder();
        CopyWithChange(folder, "tokenizer.safetensors", "images", 0);
        File.WriteAllText(folder.File("vq.pt"), "not a checkpoint");
        (int exitCode, IReadOnlyList<string> lines, _) = GoldenRun.Run(folder.Root, "--only", "tokenizer,crop");
        Assert.Equal(CommandLine.Differs, exitCode);
        Assert.Contains(lines, line => line.Contains("WRONG (CheckpointException", StringComparison.Ordinal));
        Assert.Equal(3, GoldenRun.Names(lines, "ok").Count);
    }

    private static string WithoutFolder(string name) => name.Split('/', 2)[1];

    private static void CopyWithChange(TemporaryFolder folder, string file, string tensor, double by)
    {
        foreach (string path in Directory.EnumerateFiles(GoldenFiles.Folder("off-policy-kl")))
            File.Copy(path, folder.File(Path.GetFileName(path)));
        using DisposeScope scope = NewDisposeScope();
        IReadOnlyDictionary<string, Tensor> tensors = Checkpoint.Load(folder.File(file));
        Tensor first = tensors[tensor].view(-1)[0];
        first.copy_(first + by);
        Checkpoint.Save(folder.File(file), tensors);
    }
}
