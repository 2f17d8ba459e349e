using VaPi.GoldenCheck;
using VaPi.Models.Tests.Support;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Models.Tests.GoldenCheck;

public class CommandLineTests
{
    private static string Recipe => GoldenFiles.Folder("recipe");

    [Fact]
    public void Only_the_named_quantities_are_computed()
    {
        (int exitCode, IReadOnlyList<string> lines, _) = GoldenRun.Run(Recipe, "--only", "tokenizer.codes,crop0");
        Assert.Equal(CommandLine.Agrees, exitCode);
        Assert.Equal(["recipe/tokenizer.codes", "recipe/crop0 to 32 (share beyond 1 level)"], GoldenRun.Names(lines, "ok"));
        Assert.Equal("2 ok, 0 wrong, 0 pending", lines[^1]);
    }

    [Fact]
    public void Checks_leave_one_another_the_files_they_share()
    {
        (int exitCode, IReadOnlyList<string> lines, _) = GoldenRun.Run(Recipe, "--only", "rollout1.embedding_cosine_loss,rollout1.tokens");
        Assert.Equal(CommandLine.Agrees, exitCode);
        Assert.Equal(["recipe/rollout1.embedding_cosine_loss", "recipe/rollout1.tokens"], GoldenRun.Names(lines, "ok"));
    }

    [Fact]
    public void A_name_that_fits_nothing_does_not_pass_for_agreement()
    {
        (int exitCode, IReadOnlyList<string> lines, _) = GoldenRun.Run(Recipe, "--only", "nonsense");
        Assert.Equal(CommandLine.Differs, exitCode);
        Assert.Equal(["0 ok, 0 wrong, 0 pending"], lines);
    }

    [Fact]
    public void A_folder_without_golden_cases_does_not_pass_for_agreement()
    {
        using var folder = new TemporaryFolder();
        (int exitCode, _, _) = GoldenRun.Run(folder.Root);
        Assert.Equal(CommandLine.Differs, exitCode);
    }

    [Fact]
    public void A_configuration_that_is_no_JSON_is_wrong_not_a_crash()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("config.json"), "{ broken");
        (int exitCode, IReadOnlyList<string> lines, _) = GoldenRun.Run(folder.Root);
        Assert.Equal(CommandLine.Differs, exitCode);
        Assert.Contains(lines, line => line.Contains("config.json", StringComparison.Ordinal) && line.Contains("WRONG", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("No folder was given.")]
    [InlineData("There is no folder 'no/such/folder'.", "no/such/folder")]
    [InlineData("There is no option --fast.", "--fast")]
    [InlineData("--only needs a value.", "--only")]
    [InlineData("The device is 'tpu'; it must be 'cpu', 'cuda', or 'cuda:' and a number", "--device", "tpu")]
    [InlineData("The device is 'cuda:x'; it must be", "--device", "cuda:x")]
    [InlineData("The device is 'cuda:-1'; it must be", "--device", "cuda:-1")]
    public void Bad_arguments_are_named_with_the_usage(string message, params string[] arguments)
    {
        (int exitCode, IReadOnlyList<string> lines, string errors) = GoldenRun.Run(arguments);
        Assert.Equal(CommandLine.Misused, exitCode);
        Assert.Empty(lines);
        Assert.StartsWith(message, errors, StringComparison.Ordinal);
        Assert.Contains("usage:", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_CUDA_device_that_is_not_there_is_refused_before_anything_is_computed()
    {
        int beyond = cuda.is_available() ? cuda.device_count() : 0;
        (int exitCode, IReadOnlyList<string> lines, string errors) = GoldenRun.Run(Recipe, "--device", $"cuda:{beyond}");
        Assert.Equal(CommandLine.Misused, exitCode);
        Assert.Empty(lines);
        Assert.StartsWith($"The device is 'cuda:{beyond}',", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Help_is_an_answer_not_an_error()
    {
        (int exitCode, IReadOnlyList<string> lines, string errors) = GoldenRun.Run("--help");
        Assert.Equal(CommandLine.Agrees, exitCode);
        Assert.Contains(lines, line => line.StartsWith("usage:", StringComparison.Ordinal));
        Assert.Empty(errors);
    }
}
