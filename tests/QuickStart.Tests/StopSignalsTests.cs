using QuickStart.Tests.Toys;
using Xunit;

namespace QuickStart.Tests;

public class StopSignalsTests
{
    [Fact]
    public void The_first_stops_the_run_and_the_second_ends_the_process()
    {
        var time = new ManualTime();
        (int stopping, int ending) = (0, 0);
        using var signals = new StopSignals(() => stopping++, () => ending++, time);

        Assert.True(signals.Received());
        Assert.True(signals.Token.IsCancellationRequested);

        time.Pass(0.01);
        Assert.True(signals.Received(), "the same press, passed on by a parent process");
        Assert.Equal((1, 0), (stopping, ending));

        time.Pass(1);
        Assert.False(signals.Received());
        Assert.Equal((1, 1), (stopping, ending));
    }
}
