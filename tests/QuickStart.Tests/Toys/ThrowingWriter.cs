using System.Text;

namespace QuickStart.Tests.Toys;

/// <summary>A terminal or pipe that is gone.</summary>
internal sealed class ThrowingWriter : TextWriter
{
    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value) => throw new IOException("Broken pipe");

    public override void Flush() => throw new IOException("Broken pipe");
}
