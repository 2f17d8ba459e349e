namespace VaPi.Samples;

/// <summary>Finds the name that someone may have meant.</summary>
internal static class NearestName
{
    /// <summary>The name that takes the fewest edits to reach; null if all are too far off to be what was meant.</summary>
    public static string? Of(string typed, IEnumerable<string> names)
    {
        string core = Core(typed);
        (string name, int edits) = names.Select(name => (name, Edits(core, Core(name)))).MinBy(candidate => candidate.Item2);
        return edits <= Math.Max(1, Core(name).Length / 3) ? name : null;
    }

    // How many dashes and capitals someone types says nothing of which option was meant.
    private static string Core(string name) => name.TrimStart('-').ToUpperInvariant();

    /// <summary>Levenshtein's distance: letters to insert, remove or replace.</summary>
    private static int Edits(string from, string to)
    {
        int[] above = [.. Enumerable.Range(0, to.Length + 1)];
        for (int i = 1; i <= from.Length; i++)
        {
            int[] row = new int[to.Length + 1];
            row[0] = i;
            for (int j = 1; j <= to.Length; j++)
                row[j] = Math.Min(Math.Min(row[j - 1], above[j]) + 1, above[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1));
            above = row;
        }

        return above[to.Length];
    }
}
