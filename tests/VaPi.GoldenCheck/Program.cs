using VaPi.GoldenCheck;

return CommandLine.Run(args, Console.Out, Console.Error);
