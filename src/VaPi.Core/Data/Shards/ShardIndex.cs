namespace VaPi.Data;

/// <summary>Which samples an archive holds, in WebDataset's way: members of the same name up to the first dot belong together.</summary>
internal static class ShardIndex
{
    /// <summary>The samples with an image, in the order in which their first members come.</summary>
    /// <param name="path">The archive.</param>
    /// <param name="mostMembers">More are refused.</param>
    /// <exception cref="ImageDataException">The archive is damaged, has too many members, or two of one kind in a sample.</exception>
    public static List<ShardSample> Of(string path, long mostMembers)
    {
        var byKey = new Dictionary<string, ShardSample>(StringComparer.Ordinal);
        var samples = new List<ShardSample>();
        foreach (TarMember member in TarScan.Members(path))
        {
            if (--mostMembers < 0)
                throw new ImageDataException($"The archive '{path}' brings the shards to more members than can be kept. Open them in parts.", path);
            if (Split(member.Name) is not var (key, extension))
                continue;
            if (!byKey.TryGetValue(key, out ShardSample? sample))
            {
                byKey.Add(key, sample = new ShardSample(path, key));
                samples.Add(sample);
            }

            if (!sample.Add(extension, member))
                throw new ImageDataException($"The archive '{path}' has a second member of the kind of '{member.Name}' for the same image. Give each image a name of its own up to the first dot.", path);
        }

        samples.RemoveAll(sample => !sample.HasImage);
        samples.TrimExcess();
        return samples;
    }

    private static (string Key, string Extension)? Split(string name)
    {
        int file = name.LastIndexOf('/') + 1;
        int dot = name.IndexOf('.', file);
        return dot <= file ? null : (name[..dot], name[(dot + 1)..].ToLowerInvariant());
    }
}
