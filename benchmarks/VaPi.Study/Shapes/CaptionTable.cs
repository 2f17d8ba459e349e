using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Study.Shapes;

/// <summary>
/// Captions as numbers: the subject, the relation and the object take a place each, and a place is the bag of its words, with
/// a mark for its part. Bags by part, since the policy cannot tell the order of a caption's places.
/// </summary>
internal static class CaptionTable
{
    /// <summary>C: subject, relation, object.</summary>
    public const int Places = 3;

    // A word that is there. The policy's first layer starts small: with 1, what captions say drowns in what tokens say, and the
    // base policy learns to follow counts only.
    private const float Present = 8;

    private static readonly string[] Counts = ["a", "two", "three", "four"];
    private static readonly string[] Relations = ["and", "left", "right", "above", "below"];

    private static readonly Dictionary<string, int> Columns = Counts
        .Concat(Relations)
        .Concat(Enum.GetNames<ShapeColour>().Concat(Enum.GetNames<ShapeKind>()).Select(name => name.ToLowerInvariant()))
        .Select((word, column) => (word, column))
        .ToDictionary(pair => pair.word, pair => pair.column);

    /// <summary>W: the words, and the marks of the parts.</summary>
    public static int Width => Columns.Count + Places;

    /// <summary>The condition of captions. Belongs to the caller.</summary>
    /// <exception cref="ArgumentException">A caption has a word that the table lacks.</exception>
    public static CaptionCondition Condition(IReadOnlyList<string> captions)
    {
        using DisposeScope scope = NewDisposeScope();
        return CaptionCondition.FromCaptions([.. captions.Select(Features)], Places);
    }

    /// <summary>One row a part of the caption.</summary>
    /// <returns>(n, W), n 1 or 3. Belongs to the caller.</returns>
    /// <exception cref="ArgumentException">The caption has a word that the table lacks.</exception>
    public static Tensor Features(string caption)
    {
        var rows = new List<float[]> { Row(part: 0) };
        foreach (string word in caption.Split(' ').Where(word => word != "of"))
        {
            if (Relations.Contains(word))
            {
                rows.Add(Row(part: 1));
                rows[^1][Columns[word]] = Present;
                rows.Add(Row(part: 2));
            }
            else
            {
                rows[^1][Column(word, caption)] = Present;
            }
        }

        return tensor(rows.SelectMany(row => row).ToArray(), [rows.Count, Width]);
    }

    /// <summary>What the captions of a condition say.</summary>
    /// <param name="condition">Of this table. Stays the caller's.</param>
    public static IReadOnlyList<Prompt> Prompts(CaptionCondition condition)
    {
        using DisposeScope scope = NewDisposeScope();
        float[] values = condition.Features.cpu().contiguous().data<float>().ToArray(); // (B, C, W)
        return [.. values.Chunk(Places * Width).Select(caption => Read([.. caption.Chunk(Width).Where(row => row.Any(value => value != 0))]))];
    }

    // One row a part, as Features writes them.
    private static Prompt Read(float[][] rows)
    {
        Phrase subject = Phrase(rows[0]);
        if (rows.Length == 1)
        {
            return new Prompt(subject switch { { Count: > 1 } => PromptCategory.Counting, { Colour: not null } => PromptCategory.Colours, _ => PromptCategory.SingleObject }, subject);
        }

        var relation = (Relation)Chosen(rows[1], Counts.Length, Relations.Length)!.Value;
        PromptCategory category = relation != Relation.And ? PromptCategory.Position : subject.Colour is null ? PromptCategory.TwoObjects : PromptCategory.ColourAttribution;
        return new Prompt(category, subject, relation, Phrase(rows[2]));
    }

    private static Phrase Phrase(float[] row)
    {
        int colours = Counts.Length + Relations.Length;
        int kinds = colours + Enum.GetValues<ShapeColour>().Length;
        return new Phrase(Chosen(row, 0, Counts.Length)!.Value + 1, (ShapeColour?)Chosen(row, colours, kinds - colours), (ShapeKind)Chosen(row, kinds, Columns.Count - kinds)!.Value);
    }

    // Which of some columns is set; null for none.
    private static int? Chosen(float[] row, int first, int count)
    {
        int column = Array.FindIndex(row, first, count, value => value != 0);
        return column < 0 ? null : column - first;
    }

    private static float[] Row(int part)
    {
        var row = new float[Width];
        row[Columns.Count + part] = Present;
        return row;
    }

    private static int Column(string word, string caption) => Columns.TryGetValue(word, out int column) || Columns.TryGetValue(word.TrimEnd('s'), out column)
        ? column
        : throw new ArgumentException($"The caption '{caption}' has the word '{word}', which the table lacks; it has {string.Join(", ", Columns.Keys)}.", nameof(caption));
}
