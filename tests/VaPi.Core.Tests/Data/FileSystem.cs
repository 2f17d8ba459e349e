using System.ComponentModel;
using System.Runtime.InteropServices;

namespace VaPi.Tests.Data;

/// <summary>What .NET has no calls for.</summary>
internal static class FileSystem
{
    /// <summary>Makes a pipe with a name. On Unix only.</summary>
    public static void MakePipe(string path)
    {
        if (MakeFifo(path, Convert.ToUInt32("600", 8)) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    /// <summary>
    /// Runs an action, on the calling thread, that is to meet permissions: as an ordinary user where this one is the
    /// administrator. False where that cannot be done, and the action has not run.
    /// </summary>
    public static bool WithoutPrivileges(Action action)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            action();
            return true;
        }

        if (!OperatingSystem.IsLinux())
            return false;
        const uint Nobody = 65534;
        int administrator = SetFileSystemUser(Nobody);
        try
        {
            action();
        }
        finally
        {
            _ = SetFileSystemUser((uint)administrator);
        }

        return true;
    }

    [DllImport("libc", EntryPoint = "mkfifo", SetLastError = true)]
    private static extern int MakeFifo([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint mode);

    [DllImport("libc", EntryPoint = "setfsuid")]
    private static extern int SetFileSystemUser(uint user);
}
