using System.Reflection;

namespace ApiReference;

/// <summary>Where the types are described.</summary>
internal sealed class Links(IReadOnlyList<Assembly> assemblies)
{
    private readonly Dictionary<string, Type> _types = assemblies.SelectMany(Types).ToDictionary(type => Documentation.IdOf(type)[2..]);

    /// <summary>The public types, by name.</summary>
    public static IEnumerable<Type> Types(Assembly assembly) => assembly.GetExportedTypes().OrderBy(Signatures.Name, StringComparer.Ordinal);

    /// <summary>The page from the reference's folder.</summary>
    public static string Page(Type type) => $"{type.Assembly.GetName().Name}/{type.Namespace}.md";

    /// <summary>What a heading with the type's name is called in links.</summary>
    public static string Anchor(Type type) => string.Concat(Signatures.Name(type).ToLowerInvariant().Where(letter => char.IsLetterOrDigit(letter) || letter is '_' or '-'));

    /// <summary>Whether a type has a page.</summary>
    public bool Knows(Type type) => _types.ContainsValue(Open(type));

    /// <summary>A type's name, with a link if it is one of ours.</summary>
    public string To(Type type, string fromPage) => Linked(type, Signatures.Name(type), fromPage);

    /// <summary>What a reference in the documentation stands for, with a link if it is ours.</summary>
    /// <param name="id">As the compiler writes it, such as <c>M:VaPi.Alignment.AlignmentTrainer.Step(…)</c>.</param>
    /// <param name="fromPage">The page that the link is on.</param>
    public string To(string id, string fromPage)
    {
        string full = id[2..].Split('(')[0];
        if (_types.TryGetValue(full, out Type? type))
            return To(type, fromPage);
        int dot = full.LastIndexOf('.');
        string name = full[(dot + 1)..].Split('`')[0];
        if (id[0] == 'T')
            return $"`{name}`";
        string owner = full[..dot];
        string shortOwner = owner[(owner.LastIndexOf('.') + 1)..].Split('`')[0];
        string text = name == "#ctor" ? $"new {shortOwner}" : $"{shortOwner}.{name}";
        return _types.TryGetValue(owner, out Type? known) ? Linked(known, text, fromPage) : $"`{text}`";
    }

    private string Linked(Type type, string text, string fromPage)
    {
        if (!Knows(type))
            return $"`{text}`";
        Type open = Open(type);
        string page = Page(open);
        string[] from = fromPage.Split('/');
        string[] to = page.Split('/');
        string path = from.Length == 1 ? page : from[0] != to[0] ? $"../{page}" : from[1] != to[1] ? to[1] : "";
        return $"[`{text}`]({path}#{Anchor(open)})";
    }

    private static Type Open(Type type) => type.IsGenericType ? type.GetGenericTypeDefinition() : type;
}
