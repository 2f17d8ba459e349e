using System.Text.Json;

namespace LlamaGen.GenEval;

/// <summary>One prompt of GenEval's file.</summary>
/// <param name="Index">Its number, 0 for the first; names its folder and its caption features.</param>
/// <param name="Text">What is to be seen.</param>
/// <param name="Json">Its line, as GenEval's scripts want it back.</param>
internal sealed record GenEvalPrompt(int Index, string Text, string Json)
{
    /// <summary>As in <c>00012</c>.</summary>
    public string Folder => Index.ToString("D5", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Reads <c>evaluation_metadata.jsonl</c>: a JSON object a line, with a <c>prompt</c>. Empty lines are passed over.</summary>
    /// <exception cref="CommandException">The file is not there, or a line is something else; the message names the line.</exception>
    public static IReadOnlyList<GenEvalPrompt> Read(string path)
    {
        if (!File.Exists(path))
            throw new CommandException($"GenEval's prompts '{path}' do not exist. The file is called evaluation_metadata.jsonl in GenEval's repository.");
        var prompts = new List<GenEvalPrompt>();
        int number = 0;
        foreach (string line in File.ReadLines(path))
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line))
                prompts.Add(new GenEvalPrompt(prompts.Count, PromptOf(path, number, line), line.Trim()));
        }

        return prompts.Count > 0 ? prompts : throw new CommandException($"GenEval's prompts '{path}' are an empty file; one JSON object a line is expected.");
    }

    private static string PromptOf(string path, int number, string line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            if (document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("prompt", out JsonElement prompt)
                && prompt.ValueKind == JsonValueKind.String)
                return prompt.GetString()!;
        }
        catch (JsonException exception)
        {
            throw new CommandException($"Line {number} of '{path}' is no JSON: {exception.Message}", exception);
        }

        throw new CommandException($"Line {number} of '{path}' is no JSON object with a text called 'prompt'.");
    }
}
