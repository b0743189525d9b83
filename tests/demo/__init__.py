"""The demo: the product and a stand-in for Microsoft Entra ID, on this machine.

Everything happens over HTTP, as between a customer and us: an administrator signs in,
configures SAML, confirms the notes and enables user synchronization; Entra ID is given
a token and runs its cycle.
"""
