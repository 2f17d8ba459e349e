using QuickStart.BaseTraining;
using QuickStart.Models;
using QuickStart.Photographs;
using VaPi.Data;

string photos = args[0], output = args[1];
ImageFolder folder = ImageFolder.Open(photos, SmallModels.ImageSize);
using TileCrops training = TileCrops.Open(folder, PhotoRegion.Training, SmallModels.ImageSize);
using TileCrops heldOut = TileCrops.Open(folder, PhotoRegion.Alignment, SmallModels.ImageSize);
Directory.CreateDirectory(output);
string Fp(string n) => Path.Combine(output, n);
void Report(string line) { Console.WriteLine($"{DateTime.Now:HH:mm:ss} {line}"); }
int classes = folder.Classes.Count;
FeatureNetwork features;
if (File.Exists(Fp(SmallModels.FeaturesFile))) features = FeatureNetwork.Load(Fp(SmallModels.FeaturesFile));
else { features = FeatureTraining.Run(training, heldOut, classes, Report); features.Save(Fp(SmallModels.FeaturesFile)); features = FeatureNetwork.Load(Fp(SmallModels.FeaturesFile)); }
VaPi.Models.LlamaGen.LlamaGenTokenizer tokenizer;
if (args.Contains("--tok")) { tokenizer = TokenizerTraining.Run(training, heldOut, features, int.Parse(args[3]), Report, t => t.Save(Fp(SmallModels.TokenizerFile), TorchSharp.torch.ScalarType.Float16)); tokenizer.Save(Fp(SmallModels.TokenizerFile), TorchSharp.torch.ScalarType.Float16); }
tokenizer = VaPi.Models.LlamaGen.LlamaGenTokenizer.Load(Fp(SmallModels.TokenizerFile), SmallModels.Tokenizer);
PolicyTraining.Run(training, heldOut, tokenizer, classes, int.Parse(args[4]), Report, p => p.Save(Fp(SmallModels.PolicyFile), TorchSharp.torch.ScalarType.Float16));
