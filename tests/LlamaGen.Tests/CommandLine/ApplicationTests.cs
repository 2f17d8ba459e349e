using LlamaGen.Tests.Support;
using Xunit;

namespace LlamaGen.Tests.CommandLine;

public sealed class ApplicationTests
{
    [Fact]
    public void Help_names_every_command()
    {
        string help = Workplace.RunWell("--help");

        foreach (string command in new[] { "generate", "align", "evaluate-reconstruction", "geneval" })
            Assert.Contains(command, help, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("generate", "--guidance", "--guidance-interval", "--guidance-power", "--temperature", "--top-k", "--top-p", "--seed", "--count", "--batch-size")]
    [InlineData("align", "--recipe", "--learning-rate", "--context-noise", "--vgg", "--lpips", "--rollouts", "--ignore-memory")]
    [InlineData("evaluate-reconstruction", "--tokenizer", "--images", "--limit")]
    [InlineData("geneval", "--prompts", "--captions", "--images-per-prompt")]
    public void Help_of_a_command_explains_its_options_with_their_defaults(string command, params string[] options)
    {
        string help = Workplace.RunWell(command, "--help");

        foreach (string option in options)
            Assert.Contains($"  {option} ", help, StringComparison.Ordinal);
        Assert.Contains("(default:", help.ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    [Fact]
    public void No_command_shows_the_help_and_fails()
    {
        (int code, string output, _) = Workplace.Run();

        Assert.Equal(64, code);
        Assert.Contains("commands:", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("There is no command 'genrate'", "genrate")]
    [InlineData("There is no option '--tempreature'. Did you mean --temperature?", "generate", "--tempreature", "1")]
    [InlineData("--policy FILE and --tokenizer FILE are missing", "generate")]
    [InlineData("--tokenizer FILE is missing", "evaluate-reconstruction", "--images", "x")]
    [InlineData("--random-weights is 'huge' but must be one of tiny, B,", "generate", "--random-weights", "huge")]
    [InlineData("--top-p is '1.5' but must be a number of", "generate", "--random-weights", "tiny", "--top-p", "1.5")]
    [InlineData("--classes is 'cat' but must be a whole number", "generate", "--random-weights", "tiny", "--classes", "1,cat")]
    [InlineData("--classes and --captions exclude each other", "generate", "--random-weights", "tiny", "--classes", "1", "--captions", "x")]
    [InlineData("--images DIR is missing", "align", "--random-weights", "tiny", "--reward", "mse")]
    [InlineData("--vgg FILE and --lpips FILE are needed", "align", "--random-weights", "tiny", "--images", "x")]
    [InlineData("--captions FILE and --features DIR are needed", "align", "--random-weights", "tiny", "--recipe", "t2i-xl-256", "--reward", "mse")]
    [InlineData("--save is 'policy.bin' but must end in", "align", "--random-weights", "tiny", "--images", "x", "--reward", "mse", "--save", "policy.bin")]
    [InlineData("TopP is 0", "align", "--random-weights", "tiny", "--images", "x", "--reward", "mse", "--top-p", "0")]
    [InlineData("--prompts FILE is missing", "geneval", "--random-weights", "tiny")]
    public void Wrong_arguments_are_named(string message, params string[] arguments)
    {
        (int code, _, string errors) = Workplace.Run(arguments);

        Assert.Equal(64, code);
        Assert.Contains(message, errors, StringComparison.Ordinal);
        Assert.EndsWith("--help explains every option.", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nowhere.pt", "generate", "--policy", "nowhere.pt", "--tokenizer", "nowhere.pt")]
    [InlineData("--image-size is 30", "generate", "--random-weights", "tiny", "--image-size", "30")]
    [InlineData("--classes has 1000, but the policy has the classes 0 to 999", "generate", "--random-weights", "tiny", "--classes", "1000")]
    [InlineData("'nowhere' do not exist", "generate", "--random-weights", "tiny", "--captions", "nowhere")]
    [InlineData("nowhere' does not exist", "align", "--random-weights", "tiny", "--images", "nowhere", "--reward", "mse")]
    [InlineData("'nowhere.jsonl' do not exist", "geneval", "--random-weights", "tiny", "--prompts", "nowhere.jsonl", "--captions", "nowhere")]
    public void What_is_not_as_it_should_be_is_named(string message, params string[] arguments)
    {
        (int code, _, string errors) = Workplace.Run(arguments);

        Assert.Equal(1, code);
        Assert.Contains(message, errors, StringComparison.Ordinal);
    }
}
