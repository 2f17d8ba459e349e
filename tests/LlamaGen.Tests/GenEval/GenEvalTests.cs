using LlamaGen.GenEval;
using LlamaGen.Tests.Support;
using Xunit;

namespace LlamaGen.Tests.GenEval;

public sealed class GenEvalTests : IDisposable
{
    private const string First = """{"tag": "single_object", "include": [{"class": "bench", "count": 1}], "prompt": "a photo of a bench"}""";
    private const string Second = """{"tag": "single_object", "include": [{"class": "cow", "count": 1}], "prompt": "a photo of a cow"}""";

    private readonly Workplace _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public void The_layout_is_GenEvals()
    {
        Workplace.RunWell(Arguments());

        string[] samples = ["0000.png", "0001.png", "0002.png", "0003.png"];
        Assert.Equal(["00000", "00001", "settings.json"], Directory.EnumerateFileSystemEntries(_place.At("results")).Select(Path.GetFileName).Order());
        Assert.Equal(First + "\n", File.ReadAllText(_place.At("results", "00000", "metadata.jsonl")));
        Assert.Equal(Second + "\n", File.ReadAllText(_place.At("results", "00001", "metadata.jsonl")));
        Assert.Equal(samples, Directory.EnumerateFiles(_place.At("results", "00000", "samples")).Select(Path.GetFileName).Order());
        Assert.Equal(samples, Directory.EnumerateFiles(_place.At("results", "00001", "samples")).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void A_stopped_run_goes_on_and_ends_with_the_same_images()
    {
        Workplace.RunWell(Arguments());
        Dictionary<string, byte[]> whole = Images();
        Directory.Delete(_place.At("results"), recursive: true);

        (int code, _, string errors) = Workplace.RunAndStop(Arguments("--batch-size", "3"));
        Assert.Equal(130, code);
        Assert.Equal("Stopped with 3 of 8 images there. The same command goes on from here.", errors);
        Assert.Equal(3, Images().Count);
        File.Delete(_place.At("results", "00000", "samples", "0001.png"));

        string output = Workplace.RunWell(Arguments("--batch-size", "5"));
        Assert.Contains("2 of 8 images are there already", output, StringComparison.Ordinal);
        Assert.Equal(whole, Images());
        Assert.Contains("All images are there", Workplace.RunWell(Arguments()), StringComparison.Ordinal);
    }

    [Fact]
    public void Images_of_other_settings_are_not_mixed_in()
    {
        Workplace.RunWell(Arguments());

        (int code, _, string errors) = Workplace.Run(Arguments("--guidance", "3"));

        Assert.Equal(1, code);
        Assert.Contains("holds images of other settings", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Neither_are_those_of_other_prompts_or_of_a_policy_that_was_replaced(bool prompts)
    {
        string[] arguments = Arguments();
        Workplace.RunWell(arguments);
        if (prompts)
            File.WriteAllLines(_place.At("prompts.jsonl"), [Second, First]);
        else
            File.SetLastWriteTimeUtc(_place.At("policy.safetensors"), DateTime.UnixEpoch);

        (int code, _, string errors) = Workplace.Run(arguments);

        Assert.Equal(1, code);
        Assert.Contains("holds images of other settings", errors, StringComparison.Ordinal);
        Assert.Equal(First + "\n", File.ReadAllText(_place.At("results", "00000", "metadata.jsonl")));
    }

    [Fact]
    public void Missing_features_are_named_before_anything_is_made()
    {
        string[] arguments = Arguments();
        File.Delete(_place.At("features", "1.npy"));

        (int code, _, string errors) = Workplace.Run(arguments);

        Assert.Equal(1, code);
        Assert.Contains("lacks the features of 1 of 2 prompts: 1.npy ('a photo of a cow')", errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_place.At("results")));
    }

    [Theory]
    [InlineData("no json", "Line 2 of '.*' is no JSON")]
    [InlineData("""{"tag": "x"}""", "Line 2 of '.*' is no JSON object with a text called 'prompt'")]
    [InlineData("""["prompt"]""", "Line 2 of '.*' is no JSON object with a text called 'prompt'")]
    public void A_line_that_is_no_prompt_is_named(string line, string message)
    {
        File.WriteAllLines(_place.At("prompts.jsonl"), [First, line]);

        Assert.Matches(message, Assert.Throws<CommandException>(() => GenEvalPrompt.Read(_place.At("prompts.jsonl"))).Message);
    }

    [Fact]
    public void Batches_have_no_gaps() =>
        Assert.Equal([[0, 1, 2], [3], [5], [8, 9]], GenEvalCommand.Runs([0, 1, 2, 3, 5, 8, 9], longest: 3));

    private string[] Arguments(params string[] others)
    {
        if (!File.Exists(_place.At("prompts.jsonl")))
        {
            File.WriteAllLines(_place.At("prompts.jsonl"), [First, "", Second]);
            Workplace.Features(_place.At("features", "0.npy"), length: 4, seed: 1);
            Workplace.Features(_place.At("features", "1.npy"), length: 6, seed: 2);
            _place.TinyPolicy("policy.safetensors", captions: true);
        }

        return
        [
            "geneval", "--random-weights", "tiny", "--policy", _place.At("policy.safetensors"), "--prompts", _place.At("prompts.jsonl"), "--captions", _place.At("features"),
            "--output", _place.At("results"), .. others,
        ];
    }

    private Dictionary<string, byte[]> Images() =>
        Directory.EnumerateFiles(_place.At("results"), "*.png", SearchOption.AllDirectories).ToDictionary(file => Path.GetRelativePath(_place.At("results"), file), File.ReadAllBytes);
}
