namespace VaPi.Native;

/// <summary>libtorch, TorchSharp's native library, could not be found or used; the message says what to add, set or install.</summary>
public sealed class LibTorchException : Exception
{
    /// <summary>Says what was found and what to do.</summary>
    /// <param name="message">What was found, what is allowed and what to do.</param>
    /// <param name="inner">The error underneath, if there is one.</param>
    public LibTorchException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
