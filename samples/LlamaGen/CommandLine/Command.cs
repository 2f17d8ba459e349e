using LlamaGen.Reporting;

namespace LlamaGen.CommandLine;

/// <summary>One of the program's commands.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Summary">What it does, in a sentence.</param>
/// <param name="Help">Every option with its range and default.</param>
/// <param name="Parse">
/// Reads its arguments and gives what runs it; an <see cref="ArgumentException"/> says what is wrong with them.
/// </param>
internal sealed record Command(
    string Name, string Summary, Func<string> Help, Func<IReadOnlyList<string>, Action<IReport, CancellationToken>> Parse);
