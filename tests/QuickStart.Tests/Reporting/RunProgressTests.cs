using QuickStart.Reporting;
using QuickStart.Tests.Toys;
using VaPi.Alignment.Metrics;
using Xunit;

namespace QuickStart.Tests.Reporting;

public sealed class RunProgressTests : IDisposable
{
    private static readonly RunPhase Read = new("read", "Reading", Work.Reading, 2);
    private static readonly RunPhase Before = new("before", "Measuring before", Work.Measuring, 10);
    private static readonly RunPhase Align = new("align", "Aligning", Work.Aligning, 5);
    private static readonly RunPhase After = new("after", "Measuring after", Work.Measuring, 10);

    private readonly Recorder _recorder = new();
    private readonly ManualTime _time = new();

    public void Dispose() => _recorder.Dispose();

    [Fact]
    public void The_time_left_is_that_of_the_whole_run()
    {
        var progress = new RunProgress([Read, Before, Align, After], _recorder, _time);
        progress.Begin(Read);
        Steps(progress, 2, seconds: 100);
        Assert.Null(_recorder.Last.Left); // how fast files are read says nothing

        progress.Begin(Before);
        Steps(progress, 5, seconds: 2);
        Assert.True(_recorder.Last.Left > TimeSpan.FromSeconds((5 + 10) * 2), "five steps here, ten after alignment, and alignment itself");

        Steps(progress, 5, seconds: 2);
        progress.Begin(Align);
        for (int rollout = 1; rollout <= 4; rollout++)
        {
            _time.Pass(30);
            progress.Advance(ToySteps.Of(rollout, -1));
        }

        // One rollout and ten steps: near 30 + 20 s, whatever a rollout was expected to take.
        Assert.InRange(_recorder.Last.Left!.Value.TotalSeconds, 40, 60);
        Assert.InRange(_recorder.Last.Share, 0.8, 0.9);

        _time.Pass(30);
        progress.Advance(ToySteps.Of(5, -1));
        progress.Begin(After);
        Assert.InRange(_recorder.Last.Left!.Value.TotalSeconds, 15, 30);
        Steps(progress, 10, seconds: 2);
        Assert.Equal(TimeSpan.Zero, _recorder.Last.Left);
        Assert.Equal(1, _recorder.Last.Share);
    }

    [Fact]
    public void Phases_are_timed()
    {
        var progress = new RunProgress([Read, Before], _recorder, _time);
        progress.Begin(Read);
        _time.Pass(3);
        progress.Begin(Before);
        _time.Pass(4);
        progress.EndPhase();

        Assert.Equal(new Dictionary<string, double> { ["read"] = 3, ["before"] = 4 }, progress.SecondsByPhase);
        Assert.Equal(TimeSpan.FromSeconds(7), progress.Elapsed);
    }

    [Fact]
    public void Phases_come_in_their_order()
    {
        var progress = new RunProgress([Read, Before], _recorder, _time);

        Assert.Throws<ArgumentException>(() => progress.Begin(Before));
    }

    [Fact]
    public void Time_passes_between_steps_too()
    {
        var state = new RunState([Read], 0, 1, [], TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5), new RewardTrend());

        Assert.Equal((TimeSpan.FromSeconds(13), TimeSpan.FromSeconds(2)), (state.After(TimeSpan.FromSeconds(3)).Elapsed, state.After(TimeSpan.FromSeconds(3)).Left));
        Assert.Equal(TimeSpan.Zero, state.After(TimeSpan.FromSeconds(30)).Left);
    }

    private void Steps(RunProgress progress, int count, double seconds)
    {
        for (int step = 0; step < count; step++)
        {
            _time.Pass(seconds);
            progress.Advance(1);
        }
    }

    private sealed class Recorder : IRunReport
    {
        public RunState Last { get; private set; } = null!;

        public void Began(RunState state) => Last = state;

        public void Advanced(RunState state) => Last = state;

        public void Rollout(AlignmentStep step, RunState state) => Last = state;

        public void Note(string text)
        {
        }

        public void Warn(string text)
        {
        }

        public void Completed(RunResult result)
        {
        }

        public void Dispose()
        {
        }
    }
}
