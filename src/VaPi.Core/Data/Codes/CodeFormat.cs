using System.Globalization;
using VaPi.Checkpoints;
using static TorchSharp.torch;

namespace VaPi.Data;

/// <summary>How extracted tokens are laid out in a safetensors file.</summary>
internal static class CodeFormat
{
    /// <summary>(N, T): the tokens, in the smallest integer type that holds them.</summary>
    public const string Tokens = "tokens";

    /// <summary>(N), bool: whether the image could be read; the tokens of others are 0.</summary>
    public const string Readable = "readable";

    public const string TokenizerKey = "tokenizer";
    public const string ImagesKey = "images";

    private const string FormatKey = "format";
    private const string Format = "vapi-tokens-1";

    /// <summary>The type that holds the tokens of a codebook.</summary>
    public static ScalarType TypeOf(int codebookSize) => codebookSize switch
    {
        <= 1 << 8 => ScalarType.Byte,
        <= 1 << 15 => ScalarType.Int16,
        _ => ScalarType.Int32,
    };

    /// <summary>What the file says of itself.</summary>
    public static Dictionary<string, string> Describe(ITokenizer tokenizer, string tokenizerFingerprint, IImageSource images)
    {
        Dictionary<string, string> notes = Required(tokenizer);
        notes.Add(TokenizerKey, tokenizerFingerprint);
        notes.Add("count", images.Count.ToString(CultureInfo.InvariantCulture));
        if (images.Fingerprint is { } fingerprint)
            notes.Add(ImagesKey, fingerprint);
        return notes;
    }

    /// <summary>Refuses a file that is not of this tokenizer.</summary>
    /// <exception cref="CheckpointException">What it says of itself differs from what is due.</exception>
    public static void Check(string path, IReadOnlyDictionary<string, string> notes, ITokenizer tokenizer, string tokenizerFingerprint)
    {
        if (notes.GetValueOrDefault(FormatKey) != Format)
            throw new CheckpointException(path, "it does not hold extracted tokens", $"a file that {nameof(TokenCodes)}.{nameof(TokenCodes.Extract)} wrote", "Extract the tokens");
        if (notes.GetValueOrDefault(TokenizerKey) is var made && made != tokenizerFingerprint)
        {
            throw new CheckpointException(
                path,
                $"its tokens were made by the tokenizer {made ?? "(none)"}",
                $"tokens of the tokenizer {tokenizerFingerprint}",
                $"Load the tokenizer that made them, at the same image size, or extract them again with {nameof(TokenCodes)}.{nameof(TokenCodes.Extract)}");
        }

        foreach ((string key, string value) in Required(tokenizer))
        {
            if (notes.GetValueOrDefault(key) is var found && found != value)
                throw new CheckpointException(path, $"its {key} is {found ?? "missing"}", $"{key} {value}, as the tokenizer has", "Extract the tokens again");
        }
    }

    private static Dictionary<string, string> Required(ITokenizer tokenizer) => new()
    {
        [FormatKey] = Format,
        ["image_size"] = tokenizer.ImageSize.ToString(),
        ["layout"] = tokenizer.Layout.ToString(),
        ["codebook_size"] = tokenizer.CodebookSize.ToString(CultureInfo.InvariantCulture),
    };
}
