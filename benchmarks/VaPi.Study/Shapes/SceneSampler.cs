namespace VaPi.Study.Shapes;

/// <summary>Makes up scenes, every category as often as any other.</summary>
internal static class SceneSampler
{
    /// <summary>The smallest and the largest side of a shape, in pixels.</summary>
    public const double SmallestSide = 15;

    /// <inheritdoc cref="SmallestSide"/>
    public const double LargestSide = 21;

    /// <summary>Between shapes, and between a shape and the picture's edge, in pixels.</summary>
    public const double Gap = 3;

    // A relation is drawn plainly: this far along its axis, and this much farther along it than across it.
    private const double LeastDistance = 18;
    private const double LeastRatio = 1.4;

    private const int Attempts = 60;
    private const int DarkestBackground = 205;
    private const int ColourVariation = 10;

    private static readonly PromptCategory[] Categories = Enum.GetValues<PromptCategory>();
    private static readonly ShapeKind[] Kinds = Enum.GetValues<ShapeKind>();
    private static readonly Relation[] Places = [Relation.LeftOf, Relation.RightOf, Relation.Above, Relation.Below];

    /// <summary>The scene of a seed; the same seed always gives the same.</summary>
    /// <param name="seed">0 or above.</param>
    public static Scene Sample(int seed)
    {
        var random = new Random(Scattered(seed));
        return Sample(SamplePrompt(Pick(random, Categories), random), random);
    }

    /// <summary>A scene that a caption describes.</summary>
    public static Scene Sample(Prompt prompt, Random random)
    {
        byte background = (byte)random.Next(DarkestBackground, 256);
        while (true)
        {
            if (TryPlace(prompt, random) is { } shapes)
                return new Scene(prompt, background, shapes);
        }
    }

    // Random's first numbers are alike for seeds in a row. Different seeds stay different: each line can be undone.
    private static int Scattered(int seed)
    {
        uint bits = (uint)seed;
        bits ^= bits >> 16;
        bits = unchecked(bits * 0x7FEB352D) & int.MaxValue;
        bits ^= bits >> 15;
        bits = unchecked(bits * 0x046CA68B) & int.MaxValue;
        return (int)(bits ^ (bits >> 16));
    }

    private static Prompt SamplePrompt(PromptCategory category, Random random)
    {
        (ShapeKind kind, ShapeKind otherKind) = PickTwo(random, Kinds);
        (ShapeColour colour, ShapeColour otherColour) = PickTwo(random, Palette.All);
        return category switch
        {
            PromptCategory.SingleObject => new(category, new Phrase(1, null, kind)),
            PromptCategory.TwoObjects => new(category, new Phrase(1, null, kind), Relation.And, new Phrase(1, null, otherKind)),
            PromptCategory.Counting => new(category, new Phrase(random.Next(2, 5), null, kind)),
            PromptCategory.Colours => new(category, new Phrase(1, colour, kind)),
            PromptCategory.Position => new(category, new Phrase(1, null, kind), Pick(random, Places), new Phrase(1, null, otherKind)),
            PromptCategory.ColourAttribution => new(category, new Phrase(1, colour, kind), Relation.And, new Phrase(1, otherColour, otherKind)),
            _ => throw new ArgumentOutOfRangeException(nameof(category), category, "There is no such category."),
        };
    }

    // Null when the shapes placed first leave no room for the rest.
    private static List<PlacedShape>? TryPlace(Prompt prompt, Random random)
    {
        var placed = new List<PlacedShape>();
        foreach (Phrase phrase in prompt.Phrases.SelectMany(phrase => Enumerable.Repeat(phrase, phrase.Count)))
        {
            PlacedShape? fitting = null;
            for (int attempt = 0; attempt < Attempts && fitting is null; attempt++)
            {
                PlacedShape candidate = SampleShape(phrase, random);
                bool isPlain = placed.Count == 0 || prompt.Relation is not { } relation || IsPlain(relation, placed[0], candidate);
                fitting = isPlain && placed.TrueForAll(other => candidate.IsClearOf(other, Gap)) ? candidate : null;
            }

            if (fitting is null)
                return null;
            placed.Add(fitting);
        }

        return placed;
    }

    private static PlacedShape SampleShape(Phrase phrase, Random random)
    {
        ShapeColour colour = phrase.Colour ?? Pick(random, Palette.All);
        double side = SmallestSide + (LargestSide - SmallestSide) * random.NextDouble();
        double room = Scene.Side - 2 * Gap - side;
        double left = Gap + room * random.NextDouble();
        double top = Gap + room * random.NextDouble();
        double y = top + (phrase.Kind == ShapeKind.Triangle ? side * 2 / 3 : side / 2);
        return new PlacedShape(phrase.Kind, colour, Varied(Palette.Of(colour), random), left + side / 2, y, side);
    }

    private static bool IsPlain(Relation relation, PlacedShape subject, PlacedShape other)
    {
        (double right, double down) = (other.X - subject.X, other.Y - subject.Y);
        (double along, double across) = relation switch
        {
            Relation.LeftOf => (right, down),
            Relation.RightOf => (-right, down),
            Relation.Above => (down, right),
            Relation.Below => (-down, right),
            _ => (double.PositiveInfinity, 0),
        };
        return along >= LeastDistance && along >= LeastRatio * Math.Abs(across);
    }

    private static Rgb Varied(Rgb colour, Random random)
    {
        double Level(double level) => Math.Clamp(level + random.Next(-ColourVariation, ColourVariation + 1), 0, 255);
        return new Rgb(Level(colour.Red), Level(colour.Green), Level(colour.Blue));
    }

    private static T Pick<T>(Random random, IReadOnlyList<T> values) => values[random.Next(values.Count)];

    private static (T First, T Second) PickTwo<T>(Random random, IReadOnlyList<T> values)
    {
        int first = random.Next(values.Count);
        int second = (first + random.Next(1, values.Count)) % values.Count;
        return (values[first], values[second]);
    }
}
