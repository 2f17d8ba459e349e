namespace LlamaGen.Output;

/// <summary>The folder that a command writes to.</summary>
internal static class OutputFolder
{
    /// <summary>Makes it if there is none.</summary>
    /// <returns>Its absolute path.</returns>
    /// <exception cref="CommandException">It cannot be made.</exception>
    public static string Make(string path)
    {
        string full = Path.GetFullPath(path);
        if (File.Exists(full))
            throw new CommandException($"The output folder '{full}' is a file. Choose another with --output.");
        try
        {
            Directory.CreateDirectory(full);
            return full;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"The output folder '{full}' cannot be made: {exception.Message} Choose another with --output.", exception);
        }
    }
}
