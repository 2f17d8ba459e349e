namespace VaPi.Checkpoints.Pickle;

/// <summary>What a pickle may refer to outside itself.</summary>
internal interface IPickleWorld
{
    /// <summary>The allowed global of this name; refuses all others.</summary>
    PickleGlobal Global(string module, string name);

    /// <summary>The object that a persistent id stands for.</summary>
    object Persistent(object? id);

    /// <summary>Gives an object its state; false where objects like it take none.</summary>
    bool Build(object? target, object? state);
}
