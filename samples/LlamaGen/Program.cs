using LlamaGen;
using LlamaGen.Reporting;

IReport report = Reports.ForThisTerminal();
using var stop = new StopSignals(
    stopping: () => report.Line("Stopping as soon as what is under way allows; Ctrl-C again ends at once."),
    ending: () => { });
return Application.Run(args, report, Console.Error, stop.Token);
