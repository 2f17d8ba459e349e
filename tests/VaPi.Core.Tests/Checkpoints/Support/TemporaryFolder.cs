namespace VaPi.Tests.Checkpoints.Support;

/// <summary>A folder of a test's own, removed with what is in it.</summary>
public sealed class TemporaryFolder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("vapi-checkpoints-").FullName;

    public string File(string name) => Path.Combine(Root, name);

    public string Write(byte[] content, string name = "file")
    {
        string path = File(name);
        System.IO.File.WriteAllBytes(path, content);
        return path;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
