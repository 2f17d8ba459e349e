using System.IO.Compression;
using System.Text;

namespace VaPi.Models.Tests.Support;

/// <summary>A TorchScript module without parameters, as <c>torch.jit.save</c> lays it out.</summary>
internal static class ScriptedModule
{
    /// <param name="path">The file.</param>
    /// <param name="body">Of <c>forward</c>, which takes a tensor <c>x</c> and returns one.</param>
    public static void Write(string path, string body)
    {
        using ZipArchive archive = ZipFile.Open(path, ZipArchiveMode.Create);
        Add("data.pkl", [0x80, 2, .. "c__torch__\nM\n"u8, (byte)')', 0x81, (byte)'}', (byte)'X', 8, 0, 0, 0, .. "training"u8, 0x89, (byte)'s', (byte)'b', (byte)'.']);
        Add("constants.pkl", [0x80, 2, (byte)')', (byte)'.']);
        Add("code/__torch__.py", Encoding.ASCII.GetBytes(
            $"class M(Module):\n  __parameters__ = []\n  __buffers__ = []\n  training : bool\n  def forward(self: __torch__.M,\n    x: Tensor) -> Tensor:\n    {body}\n"));
        Add("version", "3\n"u8.ToArray());

        void Add(string name, byte[] bytes)
        {
            using Stream stream = archive.CreateEntry($"network/{name}", CompressionLevel.NoCompression).Open();
            stream.Write(bytes);
        }
    }
}
