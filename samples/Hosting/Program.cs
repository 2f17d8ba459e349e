// Aligning as a service of a host: parts from the container, options from appsettings.json (or the command line, as in
// --VaPi:Rollouts=5), logging and metrics from the host, an orderly end on Ctrl-C. From the repository's root, in some 20 seconds:
//   dotnet run -c Release --project samples/Hosting
using Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using VaPi.Data;
using VaPi.Models.LlamaGen;
using VaPi.Rewards;

HostApplicationBuilder builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = args, ContentRootPath = AppContext.BaseDirectory });
string Here(string name) => Path.Combine(builder.Environment.ContentRootPath, name);

builder.Services.AddSingleton(_ => LlamaGenPolicy.Load(
    Here("models/policy.safetensors"),
    new LlamaGenConfiguration { Layers = 2, Heads = 4, Width = 64, VocabularySize = 256, GridSize = 8, Classes = 6, FeedForwardMultiple = 32 }));
builder.Services.AddVaPi(builder.Configuration.GetSection("VaPi"))
    .WithTokenizer(_ => LlamaGenTokenizer.Load(Here("models/tokenizer.safetensors"), imageSize: 32))
    .WithPolicy(services => services.GetRequiredService<LlamaGenPolicy>()) // the service below saves it, so it needs to know its type
    .WithReward(_ => Reward.MeanSquaredError())
    .WithImages(_ => ImageFolder.Open(Here("photographs"), size: 32, new ImageFolderOptions { Crop = ImageCrop.Random(0.35, 0.8), FlipProbability = 0.5 }));
builder.Services.AddHostedService<AlignmentService>();

await builder.Build().RunAsync();
return Environment.ExitCode;
