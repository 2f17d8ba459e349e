using System.Globalization;
using BenchmarkDotNet.Running;
using TorchSharp;
using VaPi.Benchmarks;
using VaPi.Benchmarks.DataFeeding;
using VaPi.Benchmarks.Evaluation;
using VaPi.Benchmarks.Step;
using VaPi.Benchmarks.Sweep;
using VaPi.Benchmarks.Tables;
using VaPi.Benchmarks.TokenCost;

if (args is ["step", .. string[] ofStep])
    return StepCommand.Run(ofStep);
if (args is ["sweep", .. string[] ofSweep])
    return SweepCommand.Run(ofSweep);
if (args is ["tables", .. string[] ofTables])
    return TablesCommand.Run(ofTables);

if (args is ["evaluation", .. string[] ofEvaluation])
    return EvaluationCommand.Run(ofEvaluation);

// One thread unless OMP_NUM_THREADS asks for more: on a machine that does anything else, threads spend their time waiting for
// one another, and arrangements could not be told apart.
string? threads = Environment.GetEnvironmentVariable("OMP_NUM_THREADS");
torch.set_num_threads(int.TryParse(threads, CultureInfo.InvariantCulture, out int count) && count > 0 ? count : 1);

if (args is ["data", .. string[] rest])
    return DataFeedingCommand.Run(rest);
if (args is ["tokens", .. string[] ofTokens])
    return TokenCostCommand.Run(ofTokens);

// Without arguments everything runs; BenchmarkDotNet itself would ask.
BenchmarkSwitcher.FromAssembly(typeof(BenchmarkSettings).Assembly).Run(args.Length == 0 ? ["--filter", "*"] : args, BenchmarkSettings.For(args));
return 0;
