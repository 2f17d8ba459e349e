namespace VaPi.Data;

/// <summary>The members of a shard that belong together: an image and what goes with it.</summary>
internal sealed class ShardSample(string shard, string key)
{
    private (long Offset, long Length) _caption;
    private (long Offset, long Length) _features;
    private (long Offset, long Length) _label;
    private TarMember _image;

    /// <summary>The members' name up to the first dot, folders included.</summary>
    public string Key { get; } = key;

    public bool HasImage => _image.Name is not null;

    public FileSection Image => Section(_image.Name, (_image.Offset, _image.Length));

    /// <summary>Each null where the sample has none.</summary>
    public FileSection? Features => Optional(_features, "features");

    public FileSection? Label => Optional(_label, "cls");

    public FileSection? Caption => Optional(_caption, "json");

    /// <summary>Takes a member by its extension; others are passed over.</summary>
    /// <returns>False if there is one of its kind already.</returns>
    public bool Add(string extension, TarMember member)
    {
        switch (extension)
        {
            case "jpg" or "jpeg" or "png" or "webp":
                bool isFirst = !HasImage;
                _image = isFirst ? member : _image;
                return isFirst;
            case "json":
                return Set(ref _caption, member);
            case "cls":
                return Set(ref _label, member);
            case "npy" or "safetensors":
                return Set(ref _features, member);
            default:
                return true;
        }
    }

    private static bool Set(ref (long Offset, long Length) place, TarMember member)
    {
        bool isFirst = place.Offset == 0; // where the archive's first header lies
        place = isFirst ? (member.Offset, member.Length) : place;
        return isFirst;
    }

    private FileSection? Optional((long Offset, long Length) place, string extension) => place.Offset == 0 ? null : Section($"{Key}.{extension}", place);

    private FileSection Section(string name, (long Offset, long Length) place) => new(shard, $"{shard}/{name}", place.Offset, place.Length);
}
