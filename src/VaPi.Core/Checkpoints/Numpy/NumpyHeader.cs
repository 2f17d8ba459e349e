using System.Text;
using VaPi.Checkpoints.Files;

namespace VaPi.Checkpoints.Numpy;

/// <summary>The dictionary at the head of a NumPy file: of Python's literals no more is understood than it needs.</summary>
/// <param name="Description">The element type, such as <c>&lt;f4</c>.</param>
/// <param name="FortranOrder">Whether the array is stored column by column.</param>
/// <param name="Shape">The sizes, outermost first.</param>
internal sealed record NumpyHeader(string Description, bool FortranOrder, long[] Shape)
{
    public static NumpyHeader Parse(CheckpointFile file, ReadOnlySpan<byte> text)
    {
        var literal = new Literal(file, text);
        string? description = null;
        bool? fortranOrder = null;
        long[]? shape = null;
        literal.Expect('{');
        while (!literal.Accept('}'))
        {
            string key = literal.String();
            literal.Expect(':');
            switch (key)
            {
                case "descr" when description is null:
                    description = literal.String();
                    break;
                case "fortran_order" when fortranOrder is null:
                    fortranOrder = literal.Boolean();
                    break;
                case "shape" when shape is null:
                    shape = literal.Counts();
                    break;
                default:
                    throw file.Refuse($"its header has the key {CheckpointFile.Quote(key)}, or has it twice", "'descr', 'fortran_order' and 'shape', once each");
            }

            if (!literal.Accept(','))
            {
                literal.Expect('}');
                break;
            }
        }

        literal.End();
        return description is not null && fortranOrder is not null && shape is not null
            ? new NumpyHeader(description, fortranOrder.Value, shape)
            : throw file.Refuse("its header does not describe an array", "'descr', 'fortran_order' and 'shape'");
    }

    private ref struct Literal(CheckpointFile file, ReadOnlySpan<byte> text)
    {
        private readonly ReadOnlySpan<byte> _text = text;
        private int _position;

        public bool Accept(char symbol)
        {
            SkipSpace();
            if (_position == _text.Length || _text[_position] != symbol)
                return false;
            _position++;
            return true;
        }

        public void Expect(char symbol)
        {
            if (!Accept(symbol))
                throw Unexpected($"'{symbol}'");
        }

        public string String()
        {
            SkipSpace();
            byte quote = _position < _text.Length ? _text[_position] : (byte)0;
            int length = quote is (byte)'\'' or (byte)'"' ? _text[(_position + 1)..].IndexOf(quote) : -1;
            if (length < 0 || _text.Slice(_position + 1, length).Contains((byte)'\\'))
                throw Unexpected("a string (arrays of records are not read)");
            string value = Encoding.UTF8.GetString(_text.Slice(_position + 1, length));
            _position += length + 2;
            return value;
        }

        public bool Boolean()
        {
            SkipSpace();
            bool value = _text[_position..].StartsWith("True"u8);
            if (!value && !_text[_position..].StartsWith("False"u8))
                throw Unexpected("True or False");
            _position += value ? 4 : 5;
            return value;
        }

        public long[] Counts()
        {
            var counts = new List<long>();
            Expect('(');
            while (!Accept(')'))
            {
                counts.Add(Count());
                if (!Accept(','))
                {
                    Expect(')');
                    break;
                }
            }

            return [.. counts];
        }

        public void End()
        {
            SkipSpace();
            if (_position != _text.Length)
                throw Unexpected("nothing more");
        }

        private long Count()
        {
            const int MostDigits = 18;
            SkipSpace();
            int digits = 0;
            long value = 0;
            for (; _position < _text.Length && char.IsAsciiDigit((char)_text[_position]); _position++, digits++)
            {
                if (digits == MostDigits)
                    throw Unexpected($"a size of at most {MostDigits} digits");
                value = (value * 10) + (_text[_position] - '0');
            }

            if (digits == 0)
                throw Unexpected("a size from 0 upwards");

            // Python 2 wrote long integers so.
            Accept('L');
            return value;
        }

        private void SkipSpace()
        {
            while (_position < _text.Length && _text[_position] is (byte)' ' or (byte)'\n' or (byte)'\t' or (byte)'\r')
                _position++;
        }

        private readonly CheckpointException Unexpected(string expected) =>
            file.Refuse($"its header does not parse: at character {_position} there should be {expected}", "a header as NumPy writes it");
    }
}
