/// The kind of device that an asset id (`power:mrid`) names (rule 111); other names of the form `x-…` are free.
public struct DeviceClass: RawRepresentable, Hashable, Codable, Sendable {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    public static let thermostat = DeviceClass(rawValue: "Thermostat")
    public static let stripHeater = DeviceClass(rawValue: "Strip_Heater")
    public static let baseboardHeater = DeviceClass(rawValue: "Baseboard_Heater")
    public static let waterHeater = DeviceClass(rawValue: "Water_Heater")
    public static let poolPump = DeviceClass(rawValue: "Pool_Pump")
    public static let sauna = DeviceClass(rawValue: "Sauna")
    public static let hotTub = DeviceClass(rawValue: "Hot_tub")
    public static let smartAppliance = DeviceClass(rawValue: "Smart_Appliance")
    public static let irrigationPump = DeviceClass(rawValue: "Irrigation_Pump")
    public static let managedCommercialAndIndustrialLoads = DeviceClass(
        rawValue: "Managed_Commercial_and_Industrial_Loads")
    public static let simpleResidentialOnOffLoads = DeviceClass(rawValue: "Simple_Residential_On_Off_Loads")
    public static let exteriorLighting = DeviceClass(rawValue: "Exterior_Lighting")
    public static let interiorLighting = DeviceClass(rawValue: "Interior_Lighting")
    public static let electricVehicle = DeviceClass(rawValue: "Electric_Vehicle")
    public static let generationSystems = DeviceClass(rawValue: "Generation_Systems")
    public static let loadControlSwitch = DeviceClass(rawValue: "Load_Control_Switch")
    public static let smartInverter = DeviceClass(rawValue: "Smart_Inverter")
    public static let evse = DeviceClass(rawValue: "EVSE")
    public static let resu = DeviceClass(rawValue: "RESU")
    public static let energyManagementSystem = DeviceClass(rawValue: "Energy_Management_System")
    public static let smartEnergyModule = DeviceClass(rawValue: "Smart_Energy_Module")
    public static let storage = DeviceClass(rawValue: "Storage")
}
