using TorchSharp;
using VaPi.GoldenCheck;

// The cases are so small that threads cost more than they bring: on a busy machine most of the time went into waiting for one another.
torch.set_num_threads(1);
return CommandLine.Run(args, Console.Out, Console.Error);
