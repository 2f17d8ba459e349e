namespace LlamaGen;

/// <summary>A command was stopped; the message says what it leaves behind.</summary>
internal sealed class StoppedException(string message, Exception inner) : OperationCanceledException(message, inner);
