"""The demo: the product and a stand-in for Microsoft Entra ID, on this machine.

Everything happens over HTTP, as between a customer and us: an administrator signs in,
configures SAML, confirms the notes, enables user synchronization and authorizes Entra
ID, which then runs its cycle.
"""
