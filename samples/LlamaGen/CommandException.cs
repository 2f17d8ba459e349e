namespace LlamaGen;

/// <summary>What the user can mend; the message says what and how.</summary>
internal sealed class CommandException(string message, Exception? inner = null) : Exception(message, inner);
