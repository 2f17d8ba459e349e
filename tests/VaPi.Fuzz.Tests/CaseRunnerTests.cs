using VaPi.Data;
using VaPi.Fuzz.Cases;
using VaPi.Fuzz.Running;
using VaPi.Tests.Checkpoints.Support;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Fuzz.Tests;

/// <summary>A reader that does something wrong is found out.</summary>
public sealed class CaseRunnerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<IDisposable> _left = [];

    public void Dispose()
    {
        _left.ForEach(left => left.Dispose());
        _folder.Dispose();
    }

    [Fact]
    public void What_is_documented_is_no_failure()
    {
        Assert.Null(Problem(_ => { }));
        Assert.Null(Problem(path => throw new ImageDataException($"'{path}' is no image.", path)));
    }

    [Fact]
    public void An_exception_that_is_not_documented_is_one() =>
        Assert.Contains("InvalidCastException is not documented", Problem(path => throw new InvalidCastException(path)), StringComparison.Ordinal);

    [Fact]
    public void A_message_without_the_file_is_one() =>
        Assert.Contains("does not name the file", Problem(_ => throw new ImageDataException("It is no image.")), StringComparison.Ordinal);

    [Fact]
    public void A_message_without_end_is_one() =>
        Assert.Contains("characters", Problem(path => throw new ImageDataException(path + new string('a', 100_000))), StringComparison.Ordinal);

    [Fact]
    public void A_message_with_control_characters_is_one() =>
        Assert.Contains("0x1B", Problem(path => throw new FileNotFoundException(path + "\u001b[2J", path)), StringComparison.Ordinal);

    [Fact]
    public void Much_memory_is_one() => Assert.Contains("of managed memory", Problem(_ => GC.KeepAlive(new byte[200 << 20])), StringComparison.Ordinal);

    [Fact]
    public void Much_native_memory_is_one()
    {
        if (ResidentMemory.IsKnown)
            Assert.Contains("of resident memory", Problem(_ => ones(60 << 20).Dispose()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_left_behind_is_one() => Assert.Contains("1 native tensors were left", Problem(_ => _left.Add(zeros(2))), StringComparison.Ordinal);

    [Fact]
    public void A_file_left_open_is_one()
    {
        if (OperatingSystem.IsLinux())
            Assert.Contains("stayed open", Problem(path => _left.Add(File.OpenRead(path))), StringComparison.Ordinal);
    }

    [Fact]
    public void A_case_without_end_is_named()
    {
        using var told = new ManualResetEventSlim();
        long overdue = -1;
        using var watch = new CaseWatch(200, number =>
        {
            overdue = number;
            told.Set();
        });
        for (long number = 0; number < 5; number++)
        {
            watch.Begin(number);
            watch.End();
        }

        watch.Begin(5);
        Assert.True(told.Wait(TimeSpan.FromSeconds(60)));
        Assert.Equal(5, overdue);
    }

    private string? Problem(Action<string> read)
    {
        var reader = new FileReader("test", [Sample.Of("a.bin", [1, 2, 3])], read, typeof(ImageDataException), typeof(FileNotFoundException));
        return new CaseRunner(_folder.File("cases")).Run(new FuzzCase(reader, 1, 0, reader.Samples[0].Files)).Problem;
    }
}
