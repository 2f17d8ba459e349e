using VaPi.RunCheck;
using static TorchSharp.torch;

set_num_threads(1);
return CommandLine.Run(args);
